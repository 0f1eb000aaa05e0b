package state

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// Whatever was put and deleted, in whatever sizes and with whatever restarts between, is read as from a map; no entry is
// larger than a piece, and what was read before it went leaves nothing behind.
func TestPiecesAreAsAMap(t *testing.T) {
	defer func(n int) { pieceBytes = n }(pieceBytes)
	pieceBytes = 4
	rapid.Check(t, func(t *rapid.T) {
		disk, want, restarted := Memory{}, map[string][]byte{}, false
		p := NewPieces(disk)
		keys := []string{"a/k", "a/k/1", "a/k1", "a/kk", "b/k"}
		for range rapid.IntRange(1, 12).Draw(t, "cuts") {
			if rapid.Bool().Draw(t, "restart") {
				p, restarted = NewPieces(disk), true
			}
			var cut []Entry
			for _, key := range keys {
				e := Entry{Key: key}
				switch rapid.IntRange(0, 3).Draw(t, "what") {
				case 0:
					continue
				case 1:
					delete(want, key)
				default:
					e.Value = bytes.Repeat([]byte{byte(len(want)) + 1}, rapid.IntRange(0, 17).Draw(t, "size"))
					want[key] = e.Value
				}
				cut = append(cut, e)
			}
			written, joined := p.Split(cut), []Entry{}
			take, end := Joined(func(e Entry) { joined = append(joined, e) })
			for _, e := range written {
				if err := take(e); err != nil {
					t.Fatal(err)
				}
			}
			if err := end(); err != nil || fmt.Sprintf("%q", joined) != fmt.Sprintf("%q", cut) {
				t.Fatalf("read as written, it is %q, %v, want %q", joined, err, cut)
			}
			for _, e := range written {
				if len(e.Value) > pieceBytes {
					t.Fatalf("%q has %d bytes", e.Key, len(e.Value))
				}
				if e.Value == nil {
					delete(disk, e.Key)
				} else {
					disk[e.Key] = e.Value
				}
			}
			if rapid.Bool().Draw(t, "unread") {
				continue
			}
			if rapid.Bool().Draw(t, "scan") {
				scanned(t, p, want)
			}
			for _, key := range keys {
				v, err := p.Get(key)
				if err != nil || !bytes.Equal(v, want[key]) || (v == nil) != (want[key] == nil) {
					t.Fatalf("%q is %q, %v, want %q", key, v, err, want[key])
				}
			}
		}
		if restarted { // else it knows of all that it wrote
			scanned(t, p, want)
		}
		var all []Entry
		for _, key := range keys {
			all = append(all, Entry{Key: key})
		}
		for _, e := range p.Split(all) {
			delete(disk, e.Key)
		}
		if len(disk) > 0 {
			t.Fatalf("of what is gone there is still %q", fmt.Sprint(disk))
		}
	})
}

func scanned(t *rapid.T, p *Pieces, want map[string][]byte) {
	got, last := map[string][]byte{}, ""
	if err := p.Scan("", "\xff", func(key string, v []byte) error {
		if key <= last {
			t.Fatalf("%q comes after %q", key, last)
		}
		got[key], last = bytes.Clone(v), key
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Fatalf("a scan says %q, want %q", got, want)
	}
	for key, v := range want {
		if !bytes.Equal(got[key], v) {
			t.Fatalf("a scan says %q of %q, want %q", got[key], key, v)
		}
	}
}

// A state from before there were pieces has whole values of any size.
func TestWholeValuesAreReadAsTheyAre(t *testing.T) {
	defer func(n int) { pieceBytes = n }(pieceBytes)
	pieceBytes = 4
	disk := Memory{"a": []byte("1234"), "b": []byte("123456789"), "c": []byte("1")}
	p := NewPieces(disk)
	for key, want := range disk {
		if v, err := p.Get(key); err != nil || !bytes.Equal(v, want) {
			t.Errorf("%s is %q, %v", key, v, err)
		}
	}
	n := 0
	if err := p.Scan("", "z", func(key string, v []byte) error {
		if n++; !bytes.Equal(v, disk[key]) {
			t.Errorf("a scan says %q of %s", v, key)
		}
		return nil
	}); err != nil || n != 3 {
		t.Error(n, err)
	}
}

// A value of which a piece is lost is an error, and no shorter value.
func TestALostPieceIsSaid(t *testing.T) {
	defer func(n int) { pieceBytes = n }(pieceBytes)
	pieceBytes = 4
	disk := Memory{}
	for _, e := range NewPieces(disk).Split([]Entry{{Key: "a", Value: []byte("1234567890123")}, {Key: "b", Value: []byte("1")}}) {
		disk[e.Key] = e.Value
	}
	delete(disk, pieceKey("a", 2))
	p := NewPieces(disk)
	if v, err := p.Get("a"); err == nil {
		t.Errorf("Get says %q", v)
	}
	if err := p.Scan("", "z", func(string, []byte) error { return nil }); err == nil {
		t.Error("Scan says nothing")
	}
}
