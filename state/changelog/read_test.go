package changelog_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/state/changelog"
	"github.com/netsu/netsu/stream/broker/brokertest"
)

// Reading from outside sees what was committed and nothing of what was not, and the owner goes on.
func TestReadFromOutside(t *testing.T) {
	bubble(t, func(t *testing.T, k brokertest.Kafka) {
		ctx := context.Background()
		s := topicNamed(t, k, "outside")
		read := func() map[string]string {
			held := state.Memory{}
			err := changelog.Read(ctx, s.Cluster, s.Topic, 0, func(e state.Entry) { held.Write([]state.Entry{e}) })
			if err != nil {
				t.Fatal(err)
			}
			out := map[string]string{}
			for key, v := range held {
				out[key] = string(v)
			}
			return out
		}
		if got := read(); len(got) != 0 {
			t.Error("of an empty topic: ", got)
		}
		l := open(t, s)
		defer l.Close()
		if got := read(); len(got) != 0 {
			t.Error("of a topic with a fence only: ", got)
		}
		write := func(commit bool, entries ...state.Entry) {
			if err := l.Append(ctx, entries, state.Marker{}); err != nil {
				t.Fatal(err)
			}
			if commit {
				if _, err := l.Commit(ctx); err != nil {
					t.Fatal(err)
				}
			}
		}
		write(true, state.Entry{Key: "a/1", Value: []byte("x")}, state.Entry{Key: "a/2", Value: []byte("y")})
		write(true, state.Entry{Key: "a/1"}, state.Entry{Key: "a/2", Value: []byte("z")})
		write(false, state.Entry{Key: "a/3", Value: []byte("open")})
		if got := fmt.Sprint(read()); got != "map[a/2:z]" {
			t.Error("with a transaction open: ", got)
		}
		if _, err := l.Commit(ctx); err != nil {
			t.Fatal("the owner was disturbed: ", err)
		}
		if got := fmt.Sprint(read()); got != "map[a/2:z a/3:open]" {
			t.Error("after it: ", got)
		}
	})
}
