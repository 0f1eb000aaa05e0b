package bench

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// may is how much a measure may grow from the second third to the last: by a share of it, and by so much beside.
type may struct {
	name   string
	of     func(SoakSample) int64
	share  float64
	beside int64
	unit   int64 // of what is printed
}

var soakMay = []may{
	{"live heap MiB", func(s SoakSample) int64 { return s.Live }, .1, 16 << 20, 1 << 20},
	{"resident MiB", func(s SoakSample) int64 { return s.Resident }, .1, 48 << 20, 1 << 20},
	{"goroutines", func(s SoakSample) int64 { return s.Goroutines }, .05, 10, 1},
	{"open files", func(s SoakSample) int64 { return s.Files }, .1, 16, 1},
	{"records behind", func(s SoakSample) int64 { return s.Behind }, .25, 20_000, 1},
}

// disks grow with what there is to remember. They must not grow faster and faster.
var soakDisks = []may{
	{"state MiB", func(s SoakSample) int64 { return s.State }, .3, 96 << 20, 1 << 20},
	{"history MiB", func(s SoakSample) int64 { return s.History }, .3, 32 << 20, 1 << 20},
	{"tape MiB", func(s SoakSample) int64 { return s.Tape }, .3, 32 << 20, 1 << 20},
}

// Judge says what has grown, nil for nothing. The first third is warming up.
func (r *SoakReport) Judge() error {
	third := len(r.Samples) / 3
	if third < 2 {
		return errors.New("too few samples to judge by")
	}
	var errs []error
	for _, m := range soakMay {
		before, after := median(r.Samples[third:2*third], m.of), median(r.Samples[2*third:], m.of)
		if after > before+int64(m.share*float64(before))+m.beside {
			errs = append(errs, fmt.Errorf("%s grew from %d to %d", m.name, before/m.unit, after/m.unit))
		}
	}
	for _, m := range soakDisks {
		at := func(i int) int64 { return m.of(r.Samples[min(i, len(r.Samples)-1)]) }
		before, after := at(2*third)-at(third), at(len(r.Samples))-at(2*third)
		if after > before+int64(m.share*float64(before))+m.beside {
			errs = append(errs, fmt.Errorf("%s grew by %d in the second third and by %d in the last", m.name, before/m.unit, after/m.unit))
		}
	}
	if r.Config.Watchers > 0 && r.Frames == 0 {
		errs = append(errs, errors.New("the watchers saw no frame"))
	}
	return errors.Join(errs...)
}

func median(samples []SoakSample, of func(SoakSample) int64) int64 {
	all := make([]int64, len(samples))
	for i, s := range samples {
		all[i] = of(s)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// Print writes the report for people.
func (r *SoakReport) Print(w io.Writer) error {
	length := r.Config.For.Seconds()
	fmt.Fprintf(w, "%d events in %.0f s (%.0f/s), %d shows at once, %d frames to %d watchers\n\n", r.Events, length,
		float64(r.Events)/length, r.Config.Shows, r.Frames, r.Config.Watchers)
	third := len(r.Samples) / 3
	for _, m := range slices.Concat(soakMay, soakDisks) {
		fmt.Fprintf(w, "%-15s %7d %7d %7d\n", m.name, median(r.Samples[:third], m.of)/m.unit,
			median(r.Samples[third:2*third], m.of)/m.unit, median(r.Samples[2*third:], m.of)/m.unit)
	}
	_, err := fmt.Fprint(w, "\nmedians of the three thirds; the first is warming up\n")
	return err
}

func (s SoakSample) String() string {
	return fmt.Sprintf("%.2f cores (broker %.2f), live heap %d MiB, resident %d MiB, %d goroutines, %d files, state %d MiB, "+
		"history %d MiB, tape %d MiB, %d records behind", s.Cores, s.Broker, s.Live>>20, s.Resident>>20, s.Goroutines, s.Files,
		s.State>>20, s.History>>20, s.Tape>>20, s.Behind)
}
