package bench

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestASoakSeesShowsEndAndBegin(t *testing.T) {
	c := SoakConfig{For: 6 * time.Second, Rate: 400, Shows: 3, Seed: 2, Dir: t.TempDir(), Watchers: 2,
		Progress: func(string, ...any) {}}
	r, err := Soak(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Samples) != soakSamples || r.Events < 100 || r.Frames < 2 {
		t.Fatalf("%d samples, %d events, %d frames", len(r.Samples), r.Events, r.Frames)
	}
	last := r.Samples[soakSamples-1]
	if last.Live < 1<<20 || last.Resident < last.Live || last.Goroutines < 10 || last.Files < 10 || last.State == 0 ||
		last.History == 0 || last.Cores <= 0 || last.Broker <= 0 {
		t.Errorf("the last sample is %+v", last)
	}
	var table bytes.Buffer
	if err := r.Print(&table); err != nil || !strings.Contains(table.String(), "goroutines") {
		t.Errorf("printed %q, %v", &table, err)
	}
	specs := (&soak{SoakConfig: c}).shows(time.Now()).Shows
	names, over := map[string]bool{}, 0
	for _, s := range specs {
		names[s.ID] = true
		if s.Lasts > 0 && s.Lasts <= c.For/soakTurns {
			over++
		}
	}
	if len(names) != len(specs) || len(specs)-over != c.Shows-1 || over != soakTurns {
		t.Errorf("%d shows of %d names, of which %d end, of %d at once in %d turns", len(specs), len(names), over, c.Shows, soakTurns)
	}
}

func TestASoakTellsWhatGrew(t *testing.T) {
	flat := SoakSample{Live: 100 << 20, Resident: 300 << 20, Goroutines: 200, Files: 80, State: 50 << 20, Behind: 10}
	report := func(grow func(s *SoakSample, i int)) *SoakReport {
		r := &SoakReport{}
		for i := range soakSamples {
			s := flat
			grow(&s, i)
			r.Samples = append(r.Samples, s)
		}
		return r
	}
	for name, c := range map[string]struct {
		grow func(s *SoakSample, i int)
		says string
	}{
		"nothing": {func(*SoakSample, int) {}, ""},
		"warming up": {func(s *SoakSample, i int) {
			if i < 20 {
				s.Live, s.Goroutines = s.Live/10*int64(i)/20, 3
			}
		}, ""},
		"saws":            {func(s *SoakSample, i int) { s.Live += int64(i%5) << 23 }, ""},
		"a leak":          {func(s *SoakSample, i int) { s.Live += int64(i) << 21 }, "live heap MiB grew from 160 to 200"},
		"resident":        {func(s *SoakSample, i int) { s.Resident += int64(i) << 23 }, "resident MiB grew"},
		"goroutines":      {func(s *SoakSample, i int) { s.Goroutines += int64(i) * 3 }, "goroutines grew"},
		"files":           {func(s *SoakSample, i int) { s.Files += int64(i) * 2 }, "open files grew"},
		"behind":          {func(s *SoakSample, i int) { s.Behind += int64(i) * 3000 }, "records behind grew"},
		"a disk, evenly":  {func(s *SoakSample, i int) { s.State += int64(i) << 25 }, ""},
		"a disk, faster":  {func(s *SoakSample, i int) { s.State += int64(i) * int64(i) << 20 }, "state MiB grew by 1200"},
		"history, faster": {func(s *SoakSample, i int) { s.History += int64(i) * int64(i) << 20 }, "history MiB grew"},
		"tape, faster":    {func(s *SoakSample, i int) { s.Tape += int64(i) * int64(i) << 20 }, "tape MiB grew"},
	} {
		err := report(c.grow).Judge()
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
	if (&SoakReport{Config: SoakConfig{Watchers: 1}, Samples: report(func(*SoakSample, int) {}).Samples}).Judge() == nil {
		t.Error("watchers that see nothing are well")
	}
	if (&SoakReport{}).Judge() == nil {
		t.Error("no samples are well")
	}
}
