package source_test

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/source"
)

func unzip(t testing.TB, path string) io.Reader {
	t.Helper()
	z, err := gzip.NewReader(open(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// distinct counts the event ids of records.
func distinct(t *testing.T, records []source.Record) int {
	t.Helper()
	ids := map[string]bool{}
	for _, r := range records {
		var v struct {
			ID string `json:"event_id"`
		}
		if err := json.Unmarshal(r.Value, &v); err != nil || v.ID == "" {
			t.Fatalf("%s: %v", r.Value, err)
		}
		ids[v.ID] = true
	}
	return len(ids)
}

func backwards(records []source.Record) (n int) {
	for i := 1; i < len(records); i++ {
		if records[i].TimeMS < records[i-1].TimeMS {
			n++
		}
	}
	return n
}

func TestRecordedPremiereIsDisordered(t *testing.T) {
	path := data(t, "mixed_chat_downloader_examples/yt_premiere.jsonl.gz")
	got := collect(t, source.ChatLines(unzip(t, path), source.Chat{Name: "yt_premiere", ShowID: "p",
		Platform: "youtube"}))
	if len(got) != 7460 || backwards(got) != 136 || distinct(t, got) != 7460 {
		t.Errorf("%d rows, %d go back, %d distinct; want 7460, 136, 7460", len(got), backwards(got), distinct(t, got))
	}
}

func TestRecordedSuperChatsAreSixtyEightPayments(t *testing.T) {
	path := data(t, "mixed_chat_downloader_examples/yt_superchat_a.jsonl.gz")
	var gifts, texts []source.Record
	for _, r := range collect(t, source.ChatLines(unzip(t, path), source.Chat{Name: "a", ShowID: "a",
		Platform: "youtube"})) {
		if r.Topic == source.Comments {
			texts = append(texts, r)
			continue
		}
		gifts = append(gifts, r)
		var v struct{ Amount, Currency string }
		if err := json.Unmarshal(r.Value, &v); err != nil {
			t.Fatal(err)
		}
		if _, err := event.ParseMinor([]byte(v.Amount), v.Currency); err != nil {
			t.Errorf("amount %q %q: %v", v.Amount, v.Currency, err)
		}
	}
	if len(gifts) != 125 || distinct(t, gifts) != 68 || len(texts) != 113 {
		t.Errorf("%d gifts of %d payments, %d texts; want 125, 68, 113", len(gifts), distinct(t, gifts), len(texts))
	}
}

func TestRecordedChatsHaveTheirRows(t *testing.T) {
	for _, c := range []struct {
		set    string
		rows   int
		people int
		roles  string
	}{
		{"id_youtube_live_chat/id23.jsonl.gz", 9627, 2314, "map[:9274 moderator:353]"},
		{"de_youtube_rbtv/de_2016-11-24.jsonl.gz", 31279, 3102, "map[:30595 moderator:684]"},
	} {
		got := collect(t, source.ChatLines(unzip(t, data(t, c.set)), source.Chat{Name: c.set, ShowID: "x",
			Platform: "youtube"}))
		people, roles := map[string]bool{}, map[string]int{}
		for _, r := range got {
			var v struct {
				Person string `json:"person_id"`
				Role   string
			}
			if err := json.Unmarshal(r.Value, &v); err != nil {
				t.Fatal(err)
			}
			people[v.Person] = true
			roles[v.Role]++
		}
		if len(got) != c.rows || distinct(t, got) != c.rows || len(people) != c.people || backwards(got) != 0 ||
			fmt.Sprint(roles) != c.roles {
			t.Errorf("%s: %d rows, %d people, %d back, %v", c.set, len(got), len(people), backwards(got), roles)
		}
	}
}

func TestRecordedIndonesianShowsAreAllThere(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(filepath.Dir(data(t, "id_youtube_live_chat/id01.jsonl.gz")),
		"id*.jsonl.gz"))
	if err != nil || len(files) != 36 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	n := 0
	for _, f := range files {
		n += len(collect(t, source.ChatLines(unzip(t, f), source.Chat{Name: f, ShowID: "x"})))
	}
	if n != 72_377 {
		t.Errorf("%d messages", n)
	}
}

func TestRecordedOffsetsGetMadeUpAuthors(t *testing.T) {
	path := data(t, "ja_youtube_vtuber_replay/ja02.jsonl.gz")
	read := func(seed uint64) []source.Record {
		return collect(t, source.OffsetChat(unzip(t, path), source.Chat{Name: "ja02", ShowID: "j", Lang: "ja"},
			time.UnixMilli(1_764_000_000_000), 4000, seed))
	}
	got := read(1)
	if last := got[len(got)-1].TimeMS - 1_764_000_000_000; len(got) != 23_617 || backwards(got) != 0 ||
		last/60_000 != 58 {
		t.Errorf("%d rows, %d go back, the last after %d ms", len(got), backwards(got), last)
	}
	again, other := read(1), read(2)
	same := 0
	for i := range got {
		if string(got[i].Value) != string(again[i].Value) {
			t.Fatalf("row %d differs between two readings of one seed", i)
		}
		if string(got[i].Value) == string(other[i].Value) {
			same++
		}
	}
	if same > len(got)/4 {
		t.Errorf("%d of %d rows are the same with another seed", same, len(got))
	}
}

func TestRecordedDanmakuRooms(t *testing.T) {
	path := data(t, "zh_bilibili_vtuber_live/zh_2019-05-10.tsv.gz")
	rooms, err := source.Danmaku{Name: "zh", Open: func() (io.ReadCloser, error) { return source.Open(path) },
		Day: time.Date(2019, 5, 10, 0, 0, 0, 0, time.UTC), People: 3000}.Rooms()
	if err != nil || len(rooms) != 64 {
		t.Fatalf("%d rooms, %v", len(rooms), err)
	}
	comments, gauges, back := 0, 0, 0
	for _, room := range rooms {
		got := collect(t, room)
		back += backwards(got)
		for _, r := range got {
			if r.Topic == source.Comments {
				comments++
			} else {
				gauges++
			}
		}
	}
	if comments != 122_801 || gauges != 3509 || back != 0 {
		t.Errorf("%d comments, %d gauges, %d go back", comments, gauges, back)
	}
}

// The totals to the penny are those of the data's README, and every refund of a known order comes after it.
func TestRecordedInvoicesSumToThePenny(t *testing.T) {
	path := data(t, "uci_online_retail/online_retail_to_2011-07.csv.gz")
	var sold, returned int64
	var refunds, unknown, cancellations int
	orders := map[string]int64{}
	version := int64(0)
	seen := map[string]bool{}
	for _, r := range collect(t, source.Retail{Name: "uci"}.Invoices(unzip(t, path))) {
		var o orderJSON
		if err := json.Unmarshal(r.Value, &o); err != nil {
			t.Fatal(err)
		}
		if o.Version <= version {
			t.Fatalf("order %s: version %d after %d", o.ID, o.Version, version)
		}
		version = o.Version
		if o.Amount != "" {
			orders[o.ID] = minor(t, o.Amount)
			sold += orders[o.ID]
		}
		_, known := orders[o.ID]
		if strings.HasPrefix(o.ID, "C") == known {
			t.Fatalf("order %s, known: %v", o.ID, known)
		}
		for _, f := range o.Refunds {
			if seen[f.ID] {
				t.Fatalf("refund %s twice", f.ID)
			}
			seen[f.ID] = true
			returned += minor(t, f.Amount)
			refunds++
			if !known {
				unknown++
			}
		}
		if len(o.Refunds) > 0 {
			cancellations++
		}
	}
	if returned != 46_643_681 || sold-returned != 507_925_087 {
		t.Errorf("refunded %d, net %d pence", returned, sold-returned)
	}
	t.Logf("%d orders; %d refunds in %d versions, %d of orders that nobody knows", len(orders), refunds,
		cancellations, unknown)
	if unknown == 0 || unknown == refunds {
		t.Errorf("%d of %d refunds are of unknown orders", unknown, refunds)
	}
}

func minor(t *testing.T, text string) int64 {
	t.Helper()
	n, err := event.ParseMinor([]byte(text), "GBP")
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return n
}
