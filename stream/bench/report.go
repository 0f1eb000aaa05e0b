package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// of is how many events p does in the CPU time in which another phase does one; "-" without that phase.
func (r *Report) of(p Phase, name string) string {
	for _, other := range r.Phases {
		if other.Name == name {
			return fmt.Sprintf("%.3f", p.PerCPU()/other.PerCPU())
		}
	}
	return "-"
}

// Print writes the report for people.
func (r *Report) Print(w io.Writer) error {
	fmt.Fprintf(w, "%d events (%d bytes each) of %d shows, seed %d, %d partitions, %d cores\n\n",
		r.Events, r.Bytes/max(1, r.Events), r.Shows, r.Seed, r.Partitions, r.Cores)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "phase\tevents/s\tevents/CPU-s\tµs CPU/event\tof consume\tof decode\twall s\tCPU s\tpeak MiB\tbroker CPU s\t")
	for _, p := range r.Phases {
		fmt.Fprintf(t, "%s\t%.0f\t%.0f\t%.2f\t%s\t%s\t%.2f\t%.2f\t%d\t%.2f\t\n", p.Name, p.PerSecond(), p.PerCPU(),
			float64(p.Each())/float64(time.Microsecond), r.of(p, "consume"), r.of(p, "decode"),
			p.Wall.Seconds(), p.CPU.Seconds(), p.PeakRSS>>20, p.BrokerCPU.Seconds())
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprint(w, `
consume  read the raw topics           room  ingest and show fold
decode   and decode the JSON           all   ingest, all folds, feed: to meters
`)
	if l := r.Latency; l != nil {
		ms := func(d time.Duration) int64 { return d.Round(time.Millisecond).Milliseconds() }
		fmt.Fprintf(w, "\ncomment produced → websocket frame, beside %.0f events/s: p50 %d ms, p99 %d ms, p99.9 %d ms, max %d ms\n",
			l.Rate, ms(l.P50), ms(l.P99), ms(l.P999), ms(l.Max))
		_, err := fmt.Fprintf(w, "%d comments, %d not seen, %.1f frames/s; %.2f cores (broker %.2f), peak %d MiB\n",
			l.Comments, l.Unseen, l.Frames, l.CPU, l.Broker, l.PeakRSS>>20)
		return err
	}
	return nil
}
