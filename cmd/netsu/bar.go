package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/netsu/netsu/stream/replay"
)

// barEvery is how often a bar writes a line where lines stay, as in a log.
const barEvery = 5 * time.Second

// bar shows how far a replay is: one line rewritten in place on a terminal, a line now and then elsewhere.
type bar struct {
	w        io.Writer
	terminal bool
	drawn    time.Time
	open     bool // a line on the terminal has no end yet
}

func newBar(w io.Writer) *bar {
	b := &bar{w: w, drawn: time.Now()}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil {
			b.terminal = info.Mode()&os.ModeCharDevice != 0
		}
	}
	return b
}

func (b *bar) draw(p replay.Progress) {
	if !b.terminal && time.Since(b.drawn) < barEvery {
		return
	}
	b.drawn = time.Now()
	at := "no event yet"
	if p.EventMS != 0 {
		at = time.UnixMilli(p.EventMS).UTC().Format(time.DateTime)
	}
	line := fmt.Sprintf("%10d records  %8.1f MB  %9.0f/s  event time %s", p.Records, float64(p.Bytes)/1e6, p.Rate, at)
	if p.Behind > time.Second {
		line += fmt.Sprintf("  %s behind", p.Behind.Round(time.Second))
	}
	if b.terminal {
		b.open = true
		fmt.Fprintf(b.w, "\r%s\x1b[K", line)
	} else {
		fmt.Fprintln(b.w, line)
	}
}

// end leaves the terminal at the beginning of a line.
func (b *bar) end() {
	if b.open {
		fmt.Fprintln(b.w)
	}
}
