package commerce

import (
	"context"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"golang.org/x/sync/errgroup"
)

// trials runs n trials on all cores; each writes what it finds under its own number. progress may be nil, and is called
// from one goroutine at a time.
func trials(ctx context.Context, n int, progress func(done, total int), trial func(i int)) error {
	var mu sync.Mutex
	done := 0
	count := func() {
		mu.Lock()
		defer mu.Unlock()
		if done++; progress != nil {
			progress(done, n)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		group.Go(func() error {
			for i := w; i < n; i += workers {
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				trial(i)
				count()
			}
			return nil
		})
	}
	return group.Wait()
}

// poisson draws a Poisson number of the given mean, by multiplying uniforms, in parts of at most 500.
func poisson(r *rand.Rand, mean float64) (n int) {
	for ; mean > 500; mean -= 500 {
		n += poisson(r, 500)
	}
	limit := math.Exp(-mean)
	for p := r.Float64(); p > limit; p *= r.Float64() {
		n++
	}
	return n
}

// basket draws an amount in minor units: lognormal(1) around a median of 3,000.
func basket(r *rand.Rand) int64 {
	return max(1, int64(math.Round(medianMinor*math.Exp(r.NormFloat64()))))
}

const medianMinor = 3000

// meanBasket is the expectation of basket in minor units, but for its rounding.
var meanBasket = medianMinor * math.Exp(.5)
