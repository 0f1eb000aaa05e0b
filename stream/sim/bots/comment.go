package bots

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/source"
)

// Comment is one comment of the audience.
type Comment struct {
	ID, Show, Person, Text string
	MS                     int64
	AccountMS              int64 // when the account was made; 0: unknown
	Bot                    bool
}

// Read takes the audience's comments out of raw records: those of a known person with a text, by time. What the ESOL,
// moderators and brands write is left out, as heat leaves it out; so are records that are no comments, or do not
// decode.
func Read(records source.Seq) ([]Comment, error) {
	var out []Comment
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		if r.Topic != source.Comments {
			continue
		}
		var v struct {
			ID     string `json:"event_id"`
			Show   string `json:"show_id"`
			Person string `json:"person_id"`
			Text   string `json:"text"`
			Role   string `json:"role"`
			Kind   string `json:"kind"`
		}
		if json.Unmarshal(r.Value, &v) != nil || v.Person == "" || v.Text == "" || r.TimeMS == 0 ||
			v.Role != "" && v.Role != "viewer" || v.Kind != "" && v.Kind != "comment" {
			continue
		}
		if v.ID == "" {
			v.ID = fmt.Sprintf("comment-%d", len(out))
		}
		out = append(out, Comment{ID: v.ID, Show: v.Show, Person: v.Person, Text: v.Text, MS: r.TimeMS})
	}
	sortComments(out)
	return out, nil
}

// Busiest keeps the comments of the show that has the most; of several, the first by id.
func Busiest(all []Comment) []Comment {
	n := map[string]int{}
	for _, c := range all {
		n[c.Show]++
	}
	best, first := "", true
	for show := range n {
		if first || n[show] > n[best] || n[show] == n[best] && show < best {
			best, first = show, false
		}
	}
	return slices.DeleteFunc(all, func(c Comment) bool { return c.Show != best })
}

func sortComments(c []Comment) {
	slices.SortFunc(c, func(a, b Comment) int {
		if a.MS != b.MS {
			return int(a.MS - b.MS)
		}
		return strings.Compare(a.ID, b.ID)
	})
}

// hasher has a fixed key: these pseudonyms hide nobody from whoever runs this.
var hasher = func() *event.Hasher {
	h, err := event.NewHasher(make([]byte, event.KeySize))
	if err != nil {
		panic("cannot happen: " + err.Error())
	}
	return h
}()

const day = int64(24 * time.Hour / time.Millisecond)
