package ingest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// A letter that fails again is the same letter, and submitted twice it becomes one event: also one without an id, whose
// id is its place.
func TestResubmittedTwiceIsTheSame(t *testing.T) {
	inBubble(t, 3, func(t *testing.T, r *rig) {
		topics, ahead := r.config.Topics, time.Now().Add(10*time.Minute)
		r.put(topics.Comments, 2, "k", comment(1, "S", time.Now()))
		r.put(topics.Comments, 2, "k", fmt.Sprintf(`{"time":%d,"show_id":"S","text":"soon"}`, ahead.UnixMilli()))
		stop := r.start(r.config)
		defer stop()
		place := topics.Comments + "/2/1"
		for range 3 {
			time.Sleep(5 * time.Second)
			var letters []*DeadLetter
			err := List(t.Context(), r.kafka.Cluster, topics, Filter{}, func(d *DeadLetter) error {
				letters = append(letters, d)
				return nil
			})
			if err != nil || len(letters) != 1 || letters[0].Place() != place {
				t.Fatalf("letters %v, %v; want the one of %s", letters, err, place)
			}
			if err := Resubmit(t.Context(), r.kafka.Cluster, topics, letters); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(5 * time.Minute)
		letter := &DeadLetter{Topic: topics.Comments, Partition: 2, Offset: 1, Key: []byte("k"),
			Value: fmt.Appendf(nil, `{"time":%d,"show_id":"S","text":"soon"}`, ahead.UnixMilli())}
		for range 2 {
			if err := Resubmit(t.Context(), r.kafka.Cluster, topics, []*DeadLetter{letter}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(5 * time.Second)
		if got := ids(r.events(topics.Journal, false)); !slices.Equal(got, []string{"c1", place, place}) {
			t.Errorf("the journal has %v, want c1 and twice %s", got, place)
		}
	})
}

func TestOriginIgnoresHeadersOfOthers(t *testing.T) {
	for header, want := range map[string]string{
		"a.b/3/44": "3 44", "a.b/3/44/5": "1 2", "a.b/-3/44": "1 2", "a.b/3/-4": "1 2", "a.b/3": "1 2", "a/3/44": "1 2",
		"": "1 2", "a.b/4294967296/0": "1 2", "a.b/3/99999999999999999999": "1 2",
	} {
		p, o := origin(&kgo.Record{Topic: "a.b", Partition: 1, Offset: 2,
			Headers: []kgo.RecordHeader{{Key: "x", Value: []byte("a.b/7/7")}, {Key: HeaderResubmitted, Value: []byte(header)}}})
		if got := fmt.Sprint(p, " ", o); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}
