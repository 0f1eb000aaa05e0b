package ledger_test

import (
	"github.com/netsu/netsu/stream/event/eventpb"
	"pgregory.net/rapid"
)

// Few ids and small numbers, so that versions meet, scopes overlap and amounts cancel out.

func pick(t *rapid.T, label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(t, label)
}

func drawOrder(t *rapid.T) *eventpb.Event {
	o := &eventpb.Order{
		OrderId: pick(t, "order", "o1", "o2", "o3", "o4"),
		Version: rapid.Int64Range(0, 4).Draw(t, "version"),
		Status:  eventpb.OrderStatus(rapid.SampledFrom([]int32{0, 1, 1, 2, 2, 2, 3, 4, 5}).Draw(t, "status")),
		Test:    rapid.IntRange(0, 30).Draw(t, "test") == 30,
		Channel: pick(t, "channel", "", "live"),
	}
	o.Currency = pick(t, "currency", "JPY", "JPY", "USD")
	if o.HasAmount = rapid.Bool().Draw(t, "has amount"); o.HasAmount {
		o.AmountMinor = rapid.Int64Range(0, 40).Draw(t, "amount")
		o.Lines = rapid.SliceOfN(rapid.Custom(drawLine), 0, 3).Draw(t, "lines")
	} else if rapid.Bool().Draw(t, "no currency") {
		o.Currency = ""
	}
	for range rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "refunds") {
		r := &eventpb.Refund{
			RefundId: pick(t, "refund", "r1", "r2", "r3"), AmountMinor: rapid.Int64Range(0, 40).Draw(t, "back"),
			Lines: rapid.SliceOfN(rapid.Custom(drawLine), 0, 2).Draw(t, "back lines"),
		}
		if len(o.Refunds) == 0 || o.Refunds[0].RefundId != r.RefundId {
			o.Refunds = append(o.Refunds, r)
		}
	}
	e := &eventpb.Event{
		Kind: eventpb.Kind_KIND_ORDER, Order: o, TimeMs: rapid.Int64Range(-50, 400).Draw(t, "time"),
		ShowId: pick(t, "show", "", "s1", "s2"), EsolId: pick(t, "esol", "", "", "e1", "e2"),
		CampaignId: pick(t, "campaign", "", "", "c1"),
	}
	if person := rapid.Uint64Range(0, 3).Draw(t, "person"); person > 0 {
		e.PersonHi, e.PersonLo = person, 7
	}
	return e
}

func drawLine(t *rapid.T) *eventpb.OrderLine {
	return &eventpb.OrderLine{
		LineId: pick(t, "line", "", "l1", "l2"), ProductId: pick(t, "product", "", "p1", "p2", "p3"),
		BrandId:  pick(t, "brand", "", "", "b1", "b2"),
		Quantity: rapid.Int64Range(0, 3).Draw(t, "quantity"), UnitPriceMinor: rapid.Int64Range(0, 9).Draw(t, "price"),
		DiscountMinor: rapid.Int64Range(0, 2).Draw(t, "discount"),
	}
}

func drawCatalog(t *rapid.T) *eventpb.Catalog {
	c := &eventpb.Catalog{Kind: pick(t, "kind", "show", "product", "brand", "campaign", "fx")}
	deleted := rapid.IntRange(0, 4).Draw(t, "deleted") == 0
	switch c.Kind {
	case "show":
		c.Id = pick(t, "id", "s1", "s2")
		c.Show = &eventpb.Show{EsolId: pick(t, "esol", "", "e1", "e2", "e3")}
		c.Show.CampaignIds = rapid.SliceOfN(rapid.SampledFrom([]string{"c1", "c2"}), 0, 2).Draw(t, "campaigns")
	case "product":
		c.Id = pick(t, "id", "p1", "p2", "p3")
		c.Product = &eventpb.Product{BrandId: pick(t, "brand", "", "b1", "b2", "b3"), Name: "kept nowhere"}
	case "brand":
		c.Id = pick(t, "id", "b1", "b2")
		window := rapid.SampledFrom([]int64{0, 1000, 300_000_000, 5_000_000_000}).Draw(t, "window")
		c.Brand = &eventpb.Brand{ReturnWindowMs: window}
	case "campaign":
		c.Id = pick(t, "id", "c1", "c2")
		c.Campaign = &eventpb.Campaign{
			BrandId: pick(t, "brand", "", "b1", "b2"),
			EsolIds: rapid.SliceOfN(rapid.SampledFrom([]string{"e1", "e2", "e3"}), 0, 3).Draw(t, "esols"),
			StartMs: rapid.Int64Range(-50, 100).Draw(t, "start"),
			EndMs:   rapid.SampledFrom([]int64{0, 0, 150, 300}).Draw(t, "end"),
		}
	}
	if deleted {
		return &eventpb.Catalog{Kind: c.Kind, Id: c.Id, Deleted: true}
	}
	return c
}
