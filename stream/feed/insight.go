package feed

import "github.com/netsu/netsu/stream/event/eventpb"

// peopleFloor is how many people a detail must be of. What concerns fewer is a count and nothing else.
const peopleFloor = 3

func ptr[T any](v T) *T { return &v }

// insightDocument makes the parts of an insight, of which every one is nil where there is none.
func insightDocument(i *eventpb.Insight) Insight {
	if i == nil {
		return Insight{}
	}
	return Insight{
		At: ptr(paneEnd(i.Pane)), Bodies: each(i.Bodies, bodyDocument), Flows: each(i.Flows, flowDocument),
		Alignment: alignmentDocument(i.Alignment), Sync: syncDocument(i.Sync), Contagion: contagionDocument(i.Contagion),
		Trust: trustDocument(i.Trust), Funnel: funnelDocument(i.Funnel), Products: each(i.Products, productDocument),
		Beats: each(i.Beats, beatDocument), Questions: questionsDocument(i.Questions), Pins: each(i.Pins, pinDocument),
		Ignition: ignitionDocument(i.Ignition), BackedShare: finite(i.BackedShare), Reference: nonEmpty(i.Reference),
	}
}

// each maps a list; an empty one stays a list.
func each[T, D any](from []T, f func(T) D) []D {
	out := make([]D, 0, len(from))
	for _, v := range from {
		out = append(out, f(v))
	}
	return out
}

func list(from []string) []string { return append([]string{}, from...) }

func estimate(e *eventpb.Estimate) *Estimate {
	if e == nil {
		return nil
	}
	d := &Estimate{Insufficient: nonEmpty(e.Insufficient), N: finite(e.N)}
	if d.Insufficient != nil {
		return d
	}
	d.Value, d.Grade = finite(e.Value), gradeName(e.Grade)
	if e.Lo != 0 || e.Hi != 0 {
		d.Lo, d.Hi = finite(e.Lo), finite(e.Hi)
	}
	return d
}

// sure is an estimate's value; nil where it says that it is not one.
func sure(e *eventpb.Estimate) *float64 {
	if d := estimate(e); d != nil {
		return d.Value
	}
	return nil
}

func bodyDocument(b *eventpb.Body) Body {
	return Body{
		Role: b.Role, Joules: finite(b.HeatJoules), Temperature: finite(b.Temperature), Theta: estimate(b.Theta),
		PowerWatts: finite(b.PowerWatts), Acts: b.Acts,
	}
}

func flowDocument(f *eventpb.Flow) Flow {
	d := Flow{
		From: f.From, To: f.To, Match: estimate(f.Match), Reverse: f.Reverse, Conductance: estimate(f.Conductance),
	}
	if d.Match != nil && d.Match.Insufficient == nil {
		d.Difference = finite(f.Difference)
	}
	return d
}

func alignmentDocument(a *eventpb.Alignment) *Alignment {
	if a == nil {
		return nil
	}
	return &Alignment{
		Total: estimate(a.Total), HeatMatch: estimate(a.HeatMatch), KnowledgeEsol: estimate(a.KnowledgeEsol),
		KnowledgeAudience: estimate(a.KnowledgeAudience), Worldview: estimate(a.Worldview),
		WorldviewEsol: estimate(a.WorldviewEsol), Direction: estimate(a.Direction), Missing: list(a.Missing),
	}
}

func syncDocument(s *eventpb.Sync) *Sync {
	if s == nil {
		return nil
	}
	d := &Sync{
		Rate: estimate(s.Rate), Amount: estimate(s.Amount), Echo: estimate(s.Echo), Action: estimate(s.Action),
		Possession: estimate(s.Possession), Missing: list(s.Missing), Calls: each(s.Calls, callDocument),
	}
	if t := s.Raw; t != nil {
		d.Raw = &SyncTwin{
			Rate: estimate(t.Rate), Amount: estimate(t.Amount), Echo: estimate(t.Echo), Action: estimate(t.Action),
			Possession: estimate(t.Possession), Missing: list(t.Missing),
		}
	}
	if s.EchoLatencySeconds > 0 {
		d.EchoLatency = finite(s.EchoLatencySeconds)
	}
	return d
}

func callDocument(c *eventpb.CallSync) CallSync {
	return CallSync{
		At: instant(c.Pane * 1000), Action: c.Action, Uplift: estimate(c.Uplift), Concentration: finite(c.Concentration),
		Sync: estimate(c.Sync), People: c.People,
	}
}

func contagionDocument(c *eventpb.Contagion) *Contagion {
	if c == nil {
		return nil
	}
	d := &Contagion{
		Lexical: estimate(c.Lexical), Total: estimate(c.Total), SecondaryUses: estimate(c.SecondaryUses),
		InfectionWatts: finite(c.InfectionWatts), Tokens: c.Tokens, Shares: c.Shares, Joins: c.Joins,
		FirstActors: c.FirstActors, Reproduction: estimate(c.Reproduction),
	}
	if t := c.Raw; t != nil {
		d.Raw = &ContagionTwin{Lexical: estimate(t.Lexical), Total: estimate(t.Total), Tokens: t.Tokens}
	}
	return d
}

func trustDocument(t *eventpb.Trust) *Trust {
	if t == nil {
		return nil
	}
	d := &Trust{
		Share: finite(t.Share), Suspects: t.Suspects, People: t.People, Worst: []Suspect{},
		Floods: each(t.Floods, floodDocument), Simpson: finite(t.Simpson), Gini: finite(t.Gini), Entropy: finite(t.Entropy),
		Missing: list(t.Missing),
	}
	if t.Suspects >= peopleFloor {
		d.Worst = each(t.Worst, suspectDocument)
	}
	return d
}

// suspectDocument leaves out who it is.
func suspectDocument(s *eventpb.Suspect) Suspect {
	return Suspect{Weight: finite(s.Weight), Reasons: each(s.Reasons, func(r *eventpb.Reason) Reason {
		return Reason{Name: r.Name, Score: finite(r.Score), Evidence: list(r.Evidence)}
	})}
}

func floodDocument(f *eventpb.Flood) Flood {
	d := Flood{
		Accounts: f.Accounts, Comments: f.Comments, Since: timestamp(f.SinceMs), Evidence: []string{}, Chant: f.Chant,
	}
	if f.Accounts >= peopleFloor {
		d.Evidence = list(f.Evidence)
	}
	return d
}

func funnelDocument(f *eventpb.Funnel) *Funnel {
	if f == nil {
		return nil
	}
	return &Funnel{Stages: each(f.Stages, stageDocument)}
}

func stageDocument(s *eventpb.Stage) Stage {
	return Stage{s.Name, s.People, s.Bought, s.People - s.Doubted}
}

func productDocument(p *eventpb.ProductFunnel) ProductFunnel {
	return ProductFunnel{ProductID: p.ProductId, Name: p.Name, Stages: each(p.Stages, stageDocument)}
}

func beatDocument(b *eventpb.Beat) Beat {
	return Beat{BrandID: b.BrandId, ID: b.Id, Told: b.Told, RetoldPeople: b.RetoldPeople, Joules: finite(b.Joules)}
}

func questionsDocument(q *eventpb.Questions) *Questions {
	if q == nil {
		return nil
	}
	d := &Questions{Asked: q.Asked, Answered: q.Answered, Bought: q.Bought}
	if q.Bought >= peopleFloor {
		d.SecondsToBuy = finite(q.SecondsToBuy)
	}
	return d
}

func pinDocument(p *eventpb.PinLift) PinLift {
	return PinLift{
		ProductID: p.ProductId, At: instant(p.Pane * 1000), Clicks: p.Clicks, ClicksBefore: p.ClicksBefore,
		Orders: p.Orders, OrdersBefore: p.OrdersBefore, Lift: estimate(p.Lift),
	}
}

func ignitionDocument(i *eventpb.Ignition) *Ignition {
	if i == nil {
		return nil
	}
	return &Ignition{
		Level: i.Level, People: i.People, Goal: i.Goal, Expires: timestamp(i.ExpiresMs), BestLevel: i.BestLevel,
		Started: timestamp(i.StartedMs),
	}
}
