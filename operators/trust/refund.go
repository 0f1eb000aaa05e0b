package trust

// refundOrders bounds what is counted: beyond, orders and refunds are scaled down together.
const refundOrders = 900

// Refunding is the feature refund: P(refund rate > ½), given that of orders in 30 days refunds were sent back, with a
// Beta(1,9) prior; 0 with fewer than two. The posterior is Beta(a,b), a = 1+refunds, b = 9+orders-refunds, and for
// whole numbers P(p > ½) = P(Binomial(a+b-1, ½) < a).
func Refunding(orders, refunds int64) float64 {
	refunds = min(refunds, orders)
	if refunds < 2 {
		return 0
	}
	if orders > refundOrders {
		refunds, orders = int64(float64(refunds)/float64(orders)*refundOrders), refundOrders
	}
	a, n := 1+refunds, 9+orders // n = a+b-1
	term := 1.0                 // C(n,j)/2^n
	for range n {
		term /= 2
	}
	sum := 0.0
	for j := range a {
		sum += term
		term = float64(term*float64(n-j)) / float64(j+1)
	}
	return unit(sum)
}
