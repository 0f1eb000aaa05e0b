package oracle

import (
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
	"github.com/netsu/netsu/stream/source"
)

// FromProto is the event of a journal or of the journeys as the oracle takes it, so that it can follow the very order
// in which a log has them. Ids are then hashes. appendMS is the running append time of its record. ok is false for
// ticks (give Oracle.Tick their ingested_ms) and credits.
func FromProto(p *eventpb.Event, appendMS int64) (e Event, ok bool) {
	e = Event{TimeMS: p.TimeMs, AppendMS: appendMS, Show: p.ShowId, Esol: p.EsolId, Text: p.Text, Count: p.Count,
		Campaign: p.CampaignId, ID: event.ID{Hi: p.IdHi, Lo: p.IdLo}.String(),
		Ref: event.ID{Hi: p.RefHi, Lo: p.RefLo}.String(), Minor: p.AmountMinor, Currency: p.Currency,
		AccountMS: p.AccountCreatedMs}
	if person := (event.ID{Hi: p.PersonHi, Lo: p.PersonLo}); !person.IsZero() {
		e.Person = person.String()
	}
	switch p.Role {
	case eventpb.Role_ROLE_ESOL, eventpb.Role_ROLE_BRAND, eventpb.Role_ROLE_MODERATOR:
		e.Role = strings.ToLower(strings.TrimPrefix(p.Role.String(), "ROLE_"))
	}
	switch p.Kind {
	case eventpb.Kind_KIND_CATALOG:
		e.Topic, e.Kind, e.Catalog = source.Catalog, "catalog", proto.CloneOf(p.Catalog)
		return e, e.Catalog != nil
	case eventpb.Kind_KIND_ORDER:
		e.Topic, e.Kind, e.Order = source.Orders, "order", version(p.Order)
		return e, p.Order != nil
	}
	for name, kind := range kinds {
		if kind == p.Kind {
			e.Kind = name
			return e, true
		}
	}
	return e, false
}

func version(p *eventpb.Order) *Version {
	v := &Version{OrderID: p.GetOrderId(), Version: p.GetVersion(), HasAmount: p.GetHasAmount(),
		Minor:    p.GetAmountMinor(),
		Status:   strings.ToLower(strings.TrimPrefix(p.GetStatus().String(), "ORDER_STATUS_")),
		Currency: p.GetCurrency(), Channel: p.GetChannel(), Method: p.GetPaymentMethod(), Test: p.GetTest(),
		Code:  p.GetCode(),
		Lines: linesOf(p.GetLines())}
	for _, r := range p.GetRefunds() {
		v.Refunds = append(v.Refunds, Refund{r.RefundId, r.AmountMinor, r.TimeMs, linesOf(r.Lines)})
	}
	return v
}

func linesOf(in []*eventpb.OrderLine) (out []Line) {
	for _, l := range in {
		out = append(out, Line{l.LineId, l.ProductId, l.BrandId, l.Quantity, l.UnitPriceMinor, l.DiscountMinor})
	}
	return out
}
