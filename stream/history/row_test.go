package history

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Of a bucket that is changed again and again the first and the latest revisions stay, and its neighbours lose nothing.
func TestRevisionsAreBounded(t *testing.T) {
	k, _ := keyOf(idGauge, "")
	rows := []row{{t: 10, at: 10}, {t: 30, at: 30}}
	for i := range int64(20) {
		var revised bool
		if rows, revised = insert(rows, row{t: 20, at: 20, said: i, cells: []cell{{k, i, i, i}}}, false); revised != (i > 0) {
			t.Fatalf("statement %d is a revision: %v", i, revised)
		}
	}
	var got []int64
	for _, r := range rows[1 : len(rows)-1] {
		if r.t != 20 || r.cells[0].last != r.rev {
			t.Errorf("revision %d at %d says %d", r.rev, r.t, r.cells[0].last)
		}
		got = append(got, r.rev)
	}
	if d := cmp.Diff([]int64{0, 13, 14, 15, 16, 17, 18, 19}, got); d != "" || rows[0].t != 10 || rows[len(rows)-1].t != 30 {
		t.Error(d, rows)
	}
}
