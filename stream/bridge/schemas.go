package bridge

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/netsu/netsu/stream/bridge/schema"
	"github.com/netsu/netsu/stream/ingest"
)

// Bounds and rhythms of the schemas in memory.
const (
	maxSchemas     = 512      // beyond either bound what was used least lately goes, and is asked for again
	maxSchemaBytes = 16 << 20 // of text
	maxFetching    = 4        // at a time; others wait
	askAgainFirst  = time.Second
	askAgainMost   = 30 * time.Second
	goneAgain      = 2 * time.Second // between the two times that a registry must say it has no such schema
	goneFor        = time.Minute     // until it is asked again
	sayAgain       = time.Minute     // between two looks at why, in one outage
)

// known is what is known of a schema.
type known struct {
	schema   *schema.Schema
	refused  *ingest.Reject // why it cannot be used
	bytes    int
	used     uint64
	fetching bool
	gone     int       // how often the registry said that it has none
	again    time.Time // not to be asked for before; with refused: not to be believed after, unless zero
	wait     time.Duration
}

// answer is what came of a fetch.
type answer struct {
	ref    schemaRef
	source schema.Source
	schema *schema.Schema
	err    error
}

// schemas are those in memory. It belongs to the loop; fetches report through answers.
type schemas struct {
	client   *sr.Client // nil: there is no registry
	metrics  *metrics
	trouble  func(what string, err error)
	all      map[schemaRef]*known
	bytes    int
	clock    uint64 // of used
	fetching int
	answers  chan answer // has room for all that are under way
	ctx      context.Context
	wg       sync.WaitGroup
	away     bool
	said     time.Time
}

func newSchemas(ctx context.Context, c *sr.Client, m *metrics, trouble func(string, error)) *schemas {
	return &schemas{client: c, metrics: m, trouble: trouble, all: map[schemaRef]*known{}, ctx: ctx,
		answers: make(chan answer, maxFetching)}
}

// get is the schema, or why there will be none, or neither: then it is being asked for, and wait is how long until that is
// worth trying again if no answer comes before; zero: an answer will come.
func (s *schemas) get(ref schemaRef, now time.Time) (found *schema.Schema, refused *ingest.Reject, wait time.Duration) {
	k := s.all[ref]
	if k == nil {
		k = &known{}
		s.makeRoom(0)
		s.all[ref] = k
	}
	s.clock++
	k.used = s.clock
	switch {
	case k.schema != nil:
		return k.schema, nil, 0
	case k.refused != nil && (k.again.IsZero() || now.Before(k.again)):
		return nil, k.refused, 0
	case k.fetching:
		return nil, nil, 0
	case k.refused == nil && now.Before(k.again):
		return nil, nil, k.again.Sub(now)
	case s.fetching >= maxFetching:
		return nil, nil, 0 // one of those will answer
	}
	if k.refused != nil { // as new
		*k = known{used: k.used}
	}
	k.fetching = true
	s.fetching++
	s.wg.Go(func() { s.answers <- s.ask(ref) })
	return nil, nil, 0
}

// expect asks for schemas that records will need, as far as that can be done at once: so ids that no registry knows hold a
// partition up together and not one after the other.
func (s *schemas) expect(records []*kgo.Record, now time.Time) {
	for _, r := range records {
		if s.fetching >= maxFetching {
			return
		}
		if ref, _, _, err := reference(r); err == nil && r.Value != nil {
			s.get(ref, now)
		}
	}
}

// ask fetches and compiles, on a goroutine of its own.
func (s *schemas) ask(ref schemaRef) answer {
	a := answer{ref: ref}
	if a.source, a.err = fetch(s.ctx, s.client, ref); a.err != nil {
		return a
	}
	compiled, err := schema.Compile(a.source)
	if err != nil {
		a.err = fmt.Errorf("%w: %w", errUseless, err)
	}
	a.schema = compiled
	return a
}

// answered notes what came of a fetch.
func (s *schemas) answered(a answer, now time.Time) {
	s.fetching--
	k := s.all[a.ref] // what is being fetched is not let go of
	if a.err == nil {
		s.makeRoom(a.source.Bytes())
		k.schema, k.bytes = a.schema, a.source.Bytes()
		s.bytes += k.bytes
	}
	k.fetching = false
	switch {
	case a.err == nil:
		s.metrics.fetched(fetchOK)
	case errors.Is(a.err, errGone):
		if k.gone++; k.gone < 2 {
			k.again = now.Add(goneAgain)
			break
		}
		k.refused = &ingest.Reject{Reason: ingest.UnknownSchema, Detail: clip("schema " + a.ref.String() + ": " + a.err.Error())}
		k.again = now.Add(goneFor)
		s.metrics.fetched(fetchUnknown)
	case errors.Is(a.err, errUseless):
		k.refused = &ingest.Reject{Reason: ingest.BadSchema, Detail: clip("schema " + a.ref.String() + ": " + a.err.Error())}
		k.again = time.Time{}
		s.metrics.fetched(fetchRefused)
	default:
		k.wait = min(max(2*k.wait, askAgainFirst), askAgainMost)
		k.again = now.Add(k.wait)
		s.metrics.fetched(fetchFailed)
		s.notice(true, a.err, now)
		return
	}
	s.notice(false, nil, now)
}

// notice says when the registry goes away, now and then why it still is, and when it is back.
func (s *schemas) notice(away bool, err error, now time.Time) {
	switch {
	case away && (!s.away || now.Sub(s.said) >= sayAgain):
		s.trouble(registryTrouble, fmt.Errorf("the schema registry cannot be asked, and records of schemas not seen yet wait: %w", err))
		s.said = now
	case !away && s.away:
		s.trouble(registryTrouble, nil)
	}
	s.away = away
	s.metrics.setAway(away)
}

// registryTrouble is what the bridge's trouble with the registry is called.
const registryTrouble = "schema registry"

// unasked is that no record waits for a schema any more. Whether the registry is away nobody will find out then: what waited is
// another process' now.
func (s *schemas) unasked(now time.Time) { s.notice(false, nil, now) }

// makeRoom lets go of what was used least lately until there is room for one more, of so many bytes.
func (s *schemas) makeRoom(bytes int) {
	for len(s.all) >= maxSchemas || s.bytes+bytes > maxSchemaBytes {
		var oldest schemaRef
		least := uint64(1<<64 - 1)
		for ref, k := range s.all {
			if !k.fetching && k.used < least {
				oldest, least = ref, k.used
			}
		}
		if least == 1<<64-1 {
			return // all are being fetched, which are few
		}
		s.bytes -= s.all[oldest].bytes
		delete(s.all, oldest)
	}
}

func (s *schemas) close() { s.wg.Wait() }

// clip bounds what a dead letter says of a schema.
func clip(text string) string {
	const most = 500
	if len(text) > most {
		return text[:most] + "…"
	}
	return text
}
