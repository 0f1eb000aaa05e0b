package livemeter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Explanation is what is behind a number of a document. The feed's schema explanation.json says more of each.
type Explanation struct {
	Topic  string          `json:"topic"`
	Path   string          `json:"path"`
	Value  json.RawMessage `json:"value"`  // as the document has it now; null: not known, or nothing is there
	Within json.RawMessage `json:"within"` // what stands beside it: an interval, a denominator, the reason why there is none
	// Sources and Sinks are those of a heat; null of everything else.
	Sources     json.RawMessage   `json:"sources"`
	Sinks       json.RawMessage   `json:"sinks"`
	Metric      json.RawMessage   `json:"metric"`      // its definition; null: it is none of the field's metrics
	Records     []Record          `json:"records"`     // the meters that it stands in
	Corrections []json.RawMessage `json:"corrections"` // the latest of the document's money, the newest first
	Alerts      []json.RawMessage `json:"alerts"`      // likewise
}

// Record is a meter, and the place of the log up to which everything is in it.
type Record struct {
	Key       string `json:"key"`
	Log       string `json:"log"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"`
	Index     uint32 `json:"index"`
}

const (
	maxCalls    = 64               // questions of a client that wait for their answers
	explainWait = 30 * time.Second // for an answer, unless ctx says otherwise
)

// ErrEnded is what a question is answered with whose client's Run has returned.
var ErrEnded = errors.New("the client has ended")

// Explain asks what is behind a place of a document, and waits for the answer: until ctx ends, or 30 s where it has no end. It
// needs Run. Without a connection, or while the feed is still reading its logs, the question waits; one whose connection is
// lost is asked again. A refusal is a *NotTaken. The user's function may call it.
//
//	why, err := client.Explain(ctx, "show/S42", "room.provisional.heat.gauge")
//	if err == nil {
//		fmt.Printf("%s, of %s: %s\n", why.Path, why.Value, why.Within)
//	}
func (c *Client) Explain(ctx context.Context, topic, path string) (*Explanation, error) {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, explainWait)
		defer cancel()
	}
	q := &call{topic: topic, path: path, answered: make(chan reply, 1)}
	if text, err := json.Marshal(q.frame()); err != nil || len(text) > maxSubBytes {
		return nil, errors.Join(err, fmt.Errorf("topic and path together are longer than %d bytes", maxSubBytes))
	}
	c.mu.Lock()
	if len(c.calls) == maxCalls {
		c.mu.Unlock()
		return nil, fmt.Errorf("a client has at most %d questions open", maxCalls)
	}
	c.calls = append(c.calls, q)
	open := c.open
	c.mu.Unlock()
	if open != nil {
		open.ask()
	}
	select {
	case r := <-q.answered:
		return r.explanation, r.err
	case <-c.ended:
	case <-ctx.Done():
	}
	c.mu.Lock()
	c.calls = slices.DeleteFunc(c.calls, func(o *call) bool { return o == q })
	c.mu.Unlock()
	if ctx.Err() == nil {
		return nil, ErrEnded
	}
	return nil, fmt.Errorf("waiting for an explanation of %s: %w", path, ctx.Err())
}

// call is a question under way. Guarded by Client.mu.
type call struct {
	topic, path string
	asked       int64 // the id of its frame on this connection; 0: it is to be asked
	answered    chan reply
}

type reply struct {
	explanation *Explanation
	err         error
}

func (q *call) frame() any {
	return struct {
		T     string `json:"t"`
		ID    int64  `json:"id"`
		Topic string `json:"topic"`
		Path  string `json:"path"`
	}{"explain", q.asked, q.topic, q.path}
}

// answer gives a frame to the question that it answers; false where there is none.
func (c *Client) answer(f *Frame, text []byte) bool {
	if f.ID == nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.calls, func(q *call) bool { return q.asked == *f.ID })
	if i < 0 {
		return false
	}
	q := c.calls[i]
	var r reply
	if f.T == "err" {
		r.err = &NotTaken{f.Code, f.Message}
	} else if err := json.Unmarshal(text, &r.explanation); err != nil {
		r.err = fmt.Errorf("reading an explanation: %w", err)
	}
	c.calls = slices.Delete(c.calls, i, i+1)
	q.answered <- r // it has room, and is answered once
	return true
}
