package source

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Danmaku says how to read a day of Bilibili rooms: lines of C or V, room, HH:MM (UTC+8) and text or popularity,
// grouped by room, in order of arrival.
type Danmaku struct {
	Name string // stands for the file in event ids
	Open func() (io.ReadCloser, error)
	Day  time.Time // any moment of the day, in any zone: its date is taken as written
	// People is how many authors to make up per room, by Zipf's law from Seed: the source has none.
	People int
	Seed   uint64
}

// china is the zone of the source. It has no summer time since 1991, so a fixed one says the same without a time zone
// database.
var china = time.FixedZone("UTC+8", 8*3600)

// Rooms makes one sequence per room, for replay.Merge to play side by side: each is a show with the room's name as its
// id. Lines before the first tick have no time and get the room's first minute. V lines become the viewers gauge (the
// source's number is a score of popularity, not heads). Times have minutes only, so the lines of a minute are spread
// evenly over it, in their order; that needs one minute of one room in memory. Each sequence reads the file anew.
func (d Danmaku) Rooms() ([]Seq, error) {
	var rooms []string
	last := ""
	err := d.scan(func(n int, f []string) (bool, error) {
		if f[1] != last {
			last = f[1]
			rooms = append(rooms, last)
		}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	seqs := make([]Seq, len(rooms))
	for i, room := range rooms {
		seqs[i] = d.room(room, uint64(i))
	}
	return seqs, nil
}

// minute is the lines of one room that carry the same HH:MM.
type minute struct {
	clock string
	lines []danmakuLine
}

type danmakuLine struct {
	n          int
	kind, text string
}

func (d Danmaku) room(room string, index uint64) Seq {
	return func(yield func(Record, error) bool) {
		who := newAuthors(d.People, d.Seed+index)
		var m minute
		begun, ended := false, false
		flush := func() (bool, error) {
			records, err := d.records(room, m, who)
			if err != nil {
				return false, err
			}
			for _, r := range records {
				if !yield(r, nil) {
					ended = true
					return false, nil
				}
			}
			m.lines = m.lines[:0]
			return true, nil
		}
		err := d.scan(func(n int, f []string) (bool, error) {
			if f[1] != room {
				return !begun, nil // rooms are grouped: past ours there is nothing more
			}
			begun = true
			if f[2] != m.clock {
				if m.clock != "" {
					if ok, err := flush(); !ok {
						return false, err
					}
				}
				m.clock = f[2]
			}
			m.lines = append(m.lines, danmakuLine{n, f[0], f[3]})
			return true, nil
		})
		if err == nil && !ended {
			_, err = flush()
		}
		if err != nil {
			yield(Record{}, err)
		}
	}
}

func (d Danmaku) records(room string, m minute, who *authors) (out []Record, err error) {
	if len(m.lines) == 0 {
		return nil, nil
	}
	clock, err := time.Parse("15:04", m.clock)
	if err != nil {
		return nil, fmt.Errorf("%s:%d: reading the time: %w", d.Name, m.lines[0].n, err)
	}
	y, month, day := d.Day.Date()
	start := time.Date(y, month, day, clock.Hour(), clock.Minute(), 0, 0, china).UnixMilli()
	for i, l := range m.lines {
		c := Common{EventID: digest(d.Name, fmt.Sprint(l.n)), ShowID: room, Platform: "bilibili",
			TimeMS: start + int64(i)*60_000/int64(len(m.lines))}
		switch l.kind {
		case "C":
			c.PersonID = who.next()
			e := Comment{Common: c, Text: l.text, Lang: "zh"}
			out = append(out, e.Record())
		case "V":
			count, err := strconv.ParseInt(l.text, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: reading the popularity: %w", d.Name, l.n, err)
			}
			e := Reaction{Common: c, Kind: "viewers", Count: count, HasCount: true}
			out = append(out, e.Record())
		default:
			return nil, fmt.Errorf("%s:%d: a line begins with %q, not C or V", d.Name, l.n, l.kind)
		}
	}
	return out, nil
}

// scan visits the lines of the file, split, until visit has enough.
func (d Danmaku) scan(visit func(n int, f []string) (bool, error)) error {
	r, err := d.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxLine)
	for n := 1; s.Scan(); n++ {
		f := strings.SplitN(s.Text(), "\t", 4)
		if len(f) != 4 {
			return fmt.Errorf("%s:%d: want 4 fields between tabs, got %d", d.Name, n, len(f))
		}
		if more, err := visit(n, f); !more || err != nil {
			return err
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("%s: %w", d.Name, err)
	}
	return nil
}
