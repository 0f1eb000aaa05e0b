package relay

import "github.com/prometheus/client_golang/prometheus"

// Register adds collectors to r, which may be nil, all or none, and returns how to take them out again: who relays may begin
// anew in the same process.
func Register(r prometheus.Registerer, all []prometheus.Collector) (unregister func(), err error) {
	if r == nil {
		return func() {}, nil
	}
	var done []prometheus.Collector
	unregister = func() {
		for _, c := range done {
			r.Unregister(c)
		}
	}
	for _, c := range all {
		if err := r.Register(c); err != nil {
			unregister()
			return nil, err
		}
		done = append(done, c)
	}
	return unregister, nil
}
