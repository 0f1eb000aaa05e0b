package stream_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/source"
)

// TestSharedCreditGoesThroughTheWholePath: orders ask their buyers in other partitions of the same log who is to be
// credited, also when the process stops between question and answer, when the catalog comes last, and when touches do,
// half of them under another pseudonym.
func TestSharedCreditGoesThroughTheWholePath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(bubbleDay))
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Hour)
		defer cancel()
		const orders = 200
		at := func(minutes int) source.Common {
			return source.Common{TimeMS: time.Now().Add(time.Duration(minutes-600) * time.Minute).UnixMilli(), Platform: "x"}
		}
		var sold, touches []source.Record
		add := func(list *[]source.Record, r source.Record) { *list = append(*list, r) }
		for i := range orders {
			who := func(c source.Common, id string) source.Common {
				c.PersonID, c.EventID = fmt.Sprint("person ", i/2), fmt.Sprint(id, " ", i)
				return c
			}
			if i%2 == 0 { // each person buys twice, on the web
				live, mail := who(at(1), "live"), who(at(2), "mail")
				live.ShowID, mail.EsolID = "show", "ren"
				mail.Platform, mail.PersonID = "mail", fmt.Sprint("address ", i/2)
				same := who(at(3), "same")
				add(&touches, (&source.Reaction{Common: same, Kind: "identity", OtherPlatform: "mail",
					OtherPersonID: mail.PersonID}).Record())
				add(&touches, (&source.Reaction{Common: live, Kind: "product_click", ProductID: "serum"}).Record())
				add(&touches, (&source.Reaction{Common: mail, Kind: "touch", Channel: "email"}).Record())
			}
			o := source.Order{Common: who(at(10+i), "order"), OrderID: fmt.Sprint("o", i), Version: 1, Status: "paid",
				Currency: "JPY", Amount: "1001", Lines: []source.Line{{ProductID: "serum", Quantity: 1, UnitPrice: "1001"}}}
			add(&sold, o.Record())
			if i%4 == 0 {
				o.Common, o.Version, o.Status = who(at(20+i), "refund"), 2, "refunded"
				o.Refunds = []source.RefundPart{{RefundID: "r", Amount: "1001"}}
				add(&sold, o.Record())
			}
		}
		catalog := []source.Record{
			source.Show{ID: "show", EsolID: "hana", EndMS: at(5).TimeMS}.Record(),
			source.Product{ID: "serum", BrandID: "dew"}.Record(),
			source.Campaign{ID: "spring", BrandID: "dew", EsolIDs: []string{"hana", "ren"}, AttributionModel: "linear"}.Record(),
		}
		k := brokertest.Bubble(t)
		k.Create(t, 4)
		dir := t.TempDir()
		for i, part := range [][]source.Record{sold, catalog, touches} {
			stop := launch(ctx, t, k, dir)
			if err := produce(ctx, k.Cluster, k.Topics, part, 0); err != nil {
				t.Fatal("producing:", err)
			}
			if i < 2 {
				time.Sleep(time.Duration(200+i) * time.Millisecond)
				stop()
			} else {
				defer stop()
			}
		}
		latest := settled(ctx, t, k.Cluster, k.Topics, []string{"show"}, 2*time.Second)
		// Of each order one gets 501 and the other 500, by the ids of the touches; a quarter of the orders went back.
		var sums []int64
		for _, scope := range []string{"esol/hana", "esol/ren", "show/show", "campaign/spring", "brand/dew"} {
			m := latest[scope+"/money"]
			if m == nil || len(m.Money.Gmv) != 1 {
				t.Fatalf("%s has %v", scope, m)
			}
			g := m.Money.Gmv[0]
			if g.OrdersPaid != orders || g.NetMinor+g.RefundedMinor != g.PaidMinor || m.Money.Buyers != orders/2 {
				t.Errorf("%s has %v", scope, m.Money)
			}
			sums = append(sums, g.NetMinor)
		}
		const net = 1001 * orders * 3 / 4
		if sums[0]+sums[1] != net || sums[0] < 500*orders*3/4 || sums[1] < 500*orders*3/4 || sums[2] != sums[0] ||
			!slices.Equal(sums[3:], []int64{net, net}) {
			t.Errorf("hana %d, ren %d, show %d, campaign %d, brand %d", sums[0], sums[1], sums[2], sums[3], sums[4])
		}
	})
}
