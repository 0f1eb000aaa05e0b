package journey

import "github.com/netsu/netsu/stream/event"

// layers is money of an order, or of a part of one, in minor units of its currency.
type layers struct{ created, paid, refunded, cancelled, net int64 }

// finish fills in what follows from the other layers.
func (l *layers) finish() (err error) {
	if l.net, err = event.Sub(l.paid, l.refunded); err == nil {
		l.net, err = event.Sub(l.net, l.cancelled)
	}
	return err
}

func (l *layers) add(o layers) (err error) {
	for _, sum := range []struct {
		to *int64
		of int64
	}{{&l.created, o.created}, {&l.paid, o.paid}, {&l.refunded, o.refunded}, {&l.cancelled, o.cancelled}} {
		if *sum.to, err = event.Add(*sum.to, sum.of); err != nil {
			return err
		}
	}
	return nil
}
