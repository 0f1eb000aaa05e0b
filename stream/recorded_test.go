package stream_test

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/replay"
	"github.com/netsu/netsu/stream/source"
)

// recorded is the path of a recorded set; the test is skipped where there is none.
func recorded(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(cmp.Or(os.Getenv("NETSU_TEST_DATA"), "../../shared/data"), name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("recorded data is not part of the project: %v (NETSU_TEST_DATA says where it is)", err)
	}
	return path
}

// gather reads a recorded set through a mapper.
func gather(t testing.TB, name string, mapper func(io.Reader) source.Seq) (all []source.Record) {
	t.Helper()
	f, err := source.Open(recorded(t, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for r, err := range mapper(f) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// told is what a plain reading of a show's raw records says, each event id counted once. People are the audience:
// neither who sells nor who moderates.
type told struct {
	totals map[eventpb.Kind]int64
	people int64
}

func tell(t testing.TB, records []source.Record) told {
	t.Helper()
	out, ids, people := told{totals: map[eventpb.Kind]int64{}}, map[string]bool{}, map[string]bool{}
	for _, r := range records {
		var v struct {
			ID     string `json:"event_id"`
			Person string `json:"person_id"`
			Kind   string
			Role   string
		}
		if err := json.Unmarshal(r.Value, &v); err != nil || v.ID == "" {
			t.Fatalf("%.200s: %v", r.Value, err)
		}
		if ids[v.ID] {
			continue
		}
		ids[v.ID] = true
		kind := eventpb.Kind_KIND_COMMENT
		if r.Topic == source.Reactions {
			kind = eventpb.Kind(eventpb.Kind_value["KIND_"+strings.ToUpper(v.Kind)])
		}
		out.totals[kind]++
		if v.Role == "" || v.Role == "viewer" {
			people[v.Person] = true
		}
	}
	out.people = int64(len(people))
	return out
}

func inOrder(records []source.Record) source.Seq {
	return func(yield func(source.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// playRecorded plays records at full speed through a whole Netsu and returns its meters once it is quiet.
func playRecorded(t *testing.T, records []source.Record, shows []string, minTime time.Time) map[string]*eventpb.Meter {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	p, err := stream.Open(ctx, stream.Settings{DataDir: t.TempDir(), Key: testKey, Listen: "127.0.0.1:0", MinTime: minTime,
		Logger: quiet})
	if err != nil {
		t.Fatal(err)
	}
	// All records are there before the program reads any: it finds a backlog and must align its partitions by itself.
	begin := time.Now()
	if err := produce(ctx, p.Cluster(), p.Topics(), records, 0); err != nil {
		t.Fatal(err)
	}
	produced := time.Since(begin)
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- p.Run(running) }()
	latest := settled(ctx, t, p.Cluster(), p.Topics(), shows, 2*time.Second)
	t.Logf("%d records written in %v, folded and quiet after %v", len(records), produced.Round(time.Millisecond),
		time.Since(begin).Round(time.Millisecond))
	if dead := deadLetters(ctx, t, p.Cluster(), p.Topics()); len(dead) > 0 {
		t.Errorf("dead letters: %v", dead)
	}
	stop()
	if err := <-done; err != nil {
		t.Error("stopping:", err)
	}
	if err := p.Close(); err != nil {
		t.Error("closing:", err)
	}
	return latest
}

const superchats = "mixed_chat_downloader_examples/yt_superchat_a.jsonl.gz"

// recordedChat is a recorded chat, played as the show id, and what its README says of it.
type recordedChat struct {
	id, file                string
	comments, gifts, people int64
	sorted                  bool // by time, rows of one time in their order
	mapper                  func(recordedChat) func(io.Reader) source.Seq
}

func (c recordedChat) chat(lang string) source.Chat {
	return source.Chat{Name: c.id, ShowID: c.id, EsolID: "esol-" + c.id, Platform: "youtube", Lang: lang}
}

func live(lang string) func(recordedChat) func(io.Reader) source.Seq {
	return func(c recordedChat) func(io.Reader) source.Seq {
		return func(r io.Reader) source.Seq { return source.ChatLines(r, c.chat(lang)) }
	}
}

// offsets gives authors to a replay that has none: 4000 people by Zipf's law. So its number of people is the seed's.
func offsets(c recordedChat) func(io.Reader) source.Seq {
	start := time.Date(2021, 5, 1, 12, 0, 0, 0, time.UTC)
	return func(r io.Reader) source.Seq { return source.OffsetChat(r, c.chat("ja"), start, 4000, 1) }
}

// Real chats, with their disorder and their duplicates, come out of the whole path as they went in: each message and
// each payment once, nobody late. People and counts are those of a plain reading of the files.
func TestRecordedChatsComeOutWhole(t *testing.T) {
	chats := []recordedChat{
		// 136 of its rows go back in time.
		{id: "premiere", file: "mixed_chat_downloader_examples/yt_premiere.jsonl.gz", comments: 7460, people: 5996,
			mapper: live("en")},
		// 125 rows are 68 payments: each stands there as a chat item and as a ticker. Sorted, because its rows go back in
		// time by up to 69 s, further than anything may and still be on time; see the next test for it as it stands.
		{id: "superchat", file: superchats, gifts: 68, people: 68, mapper: live("en"), sorted: true},
		{id: "ja02", file: "ja_youtube_vtuber_replay/ja02.jsonl.gz", comments: 23_617, mapper: offsets},
		{id: "id07", file: "id_youtube_live_chat/id07.jsonl.gz", mapper: live("id")},
		{id: "id23", file: "id_youtube_live_chat/id23.jsonl.gz", comments: 9627, mapper: live("id")},
	}
	var shows []string
	var seqs []source.Seq
	want := map[string]told{}
	for _, c := range chats {
		records := gather(t, c.file, c.mapper(c))
		if c.sorted {
			slices.SortStableFunc(records, func(a, b source.Record) int { return cmp.Compare(a.TimeMS, b.TimeMS) })
		}
		w := tell(t, records)
		for _, n := range [][3]int64{{c.comments, w.totals[eventpb.Kind_KIND_COMMENT]}, {c.people, w.people},
			{c.gifts, w.totals[eventpb.Kind_KIND_GIFT]}} {
			if n[0] != 0 && n[0] != n[1] {
				t.Errorf("%s: read %d, its README says %d", c.id, n[1], n[0])
			}
		}
		want[c.id] = w
		seqs, shows = append(seqs, inOrder(records)), append(shows, c.id)
	}
	// Shows of several years: they arrive as they would have, one after the other.
	var all []source.Record
	for r := range replay.Merge(seqs...) {
		all = append(all, r)
	}
	latest := playRecorded(t, all, shows, time.Time{})
	for _, c := range chats {
		room, w := latest["show/"+c.id+"/room"].Room, want[c.id]
		if room.LateTotal != 0 {
			t.Errorf("%s: %d late, such as %v", c.id, room.LateTotal, room.LateSample)
		}
		got := map[eventpb.Kind]int64{}
		for _, k := range room.Final.Totals {
			got[k.Kind] = k.Events
		}
		if !maps.Equal(got, w.totals) || room.Final.PeopleTotal != w.people {
			t.Errorf("%s: %v of %d people, want %v of %d", c.id, got, room.Final.PeopleTotal, w.totals, w.people)
		}
		t.Logf("%s: %v, %d people", c.id, got, room.Final.PeopleTotal)
	}
}

// As they stand, the rows of the paid chat go back too far for many to be on time. Each is then either in the room or
// counted as late, and none is in the room twice. (Which of them are late depends on how two topics interleave.)
func TestRecordedLateRowsAreAccountedFor(t *testing.T) {
	c := recordedChat{id: "late", file: superchats}
	records := gather(t, c.file, live("en")(c))
	want := tell(t, records)
	room := playRecorded(t, records, []string{c.id}, time.Time{})["show/late/room"].Room
	var onTime, distinct int64
	for _, k := range room.Final.Totals {
		onTime += k.Events
		if k.Events > want.totals[k.Kind] {
			t.Errorf("%v: %d in the room, only %d happened", k.Kind, k.Events, want.totals[k.Kind])
		}
	}
	for _, n := range want.totals {
		distinct += n
	}
	// An event twice in the file may be late twice, or on time and then late: a late one is not remembered.
	if onTime+room.LateTotal < distinct || onTime+room.LateTotal > int64(len(records)) || room.LateTotal == 0 {
		t.Errorf("%d in the room and %d late of %d events in %d records", onTime, room.LateTotal, distinct, len(records))
	}
}

// A real shop's orders and cancellations come out of the ledger to the penny, for the ESOL and the brand. The
// totals are those of the data's README.
func TestRecordedOrdersComeOutToThePenny(t *testing.T) {
	const net, refunded = 507_925_087, 46_643_681
	records := gather(t, "uci_online_retail/online_retail_to_2011-07.csv.gz", func(r io.Reader) source.Seq {
		return source.Retail{Name: "uci", EsolID: "seller", BrandID: "gifts"}.Invoices(r)
	})
	// A cancellation of which no order is known goes by its own number, which begins with a C.
	var unknown int64
	foreign, orders := map[string]bool{}, map[string]bool{}
	for _, r := range records {
		var o struct {
			ID      string `json:"order_id"`
			Refunds []struct{ Amount string }
		}
		if err := json.Unmarshal(r.Value, &o); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(o.ID, "C") {
			orders[o.ID] = true
			continue
		}
		foreign[o.ID] = true
		for _, f := range o.Refunds {
			minor, err := event.ParseMinor([]byte(f.Amount), "GBP")
			if err != nil {
				t.Fatal(err)
			}
			unknown += minor
		}
	}
	latest := playRecorded(t, records, nil, time.Date(2010, 1, 1, 0, 0, 0, 0, time.UTC))
	for _, scope := range []string{"esol/seller", "brand/gifts"} {
		m := latest[scope+"/money"]
		if m == nil || len(m.Money.Gmv) != 1 || m.Money.Gmv[0].Currency != "GBP" {
			t.Errorf("%s: %v", scope, m)
			continue
		}
		g := m.Money.Gmv[0]
		if g.NetMinor != net || g.RefundedMinor+g.CancelledMinor != refunded || g.PaidMinor != net+refunded {
			t.Errorf("%s: net %d, refunded %d, cancelled %d, paid %d; want net %d, refunded %d pence", scope, g.NetMinor,
				g.RefundedMinor, g.CancelledMinor, g.PaidMinor, net, refunded)
		}
		if g.RefundedUnknownMinor != unknown || g.RefundsUnknown != int64(len(foreign)) ||
			g.OrdersPaid != int64(len(orders)) {
			t.Errorf("%s: %d pence in %d refunds of unknown orders, %d orders; want %d in %d, %d", scope,
				g.RefundedUnknownMinor, g.RefundsUnknown, g.OrdersPaid, unknown, len(foreign), len(orders))
		}
	}
	t.Logf("%d pence of %d refunded belong to %d refunds of orders that nobody knows", unknown, refunded, len(foreign))
}
