package sim

// queue is a binary heap of items in order of (at, seq). container/heap would box every item.
type queue[T any] []item[T]

type item[T any] struct {
	at   int64 // epoch ms
	seq  uint64
	what T
}

func (q queue[T]) less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].seq < q[j].seq
}

func (q *queue[T]) push(x item[T]) {
	*q = append(*q, x)
	h := *q
	for i := len(h) - 1; i > 0; {
		p := (i - 1) / 2
		if !h.less(i, p) {
			return
		}
		h[i], h[p] = h[p], h[i]
		i = p
	}
}

func (q *queue[T]) pop() item[T] {
	h := *q
	top, last := h[0], len(h)-1
	h[0] = h[last]
	h[last] = item[T]{}
	h = h[:last]
	*q = h
	for i := 0; ; {
		c := 2*i + 1
		if c >= last {
			return top
		}
		if c+1 < last && h.less(c+1, c) {
			c++
		}
		if !h.less(c, i) {
			return top
		}
		h[i], h[c] = h[c], h[i]
		i = c
	}
}
