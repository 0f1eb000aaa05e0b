package stream

import (
	"net/http"

	"github.com/netsu/netsu/stream/feed"
)

// opsHandler serves the probes and the metrics, nothing else. With the feed role the answers are the feed's, which also
// knows whether the meters are read. Without it, /readyz is 200 once every fold has its partitions, has restored them and
// keeps up; a process that only ingests is ready once it runs.
func (p *Program) opsHandler() http.Handler {
	ready := p.readiness
	if p.feed != nil {
		ready = p.feed.Ready
	}
	return feed.Probes(ready, p.registry)
}
