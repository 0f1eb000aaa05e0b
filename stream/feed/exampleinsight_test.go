package feed

import "github.com/netsu/netsu/stream/event/eventpb"

const gradeA, gradeB, gradeC = eventpb.Grade_GRADE_A, eventpb.Grade_GRADE_B, eventpb.Grade_GRADE_C

func known(value, lo, hi float64, grade eventpb.Grade, n float64) *eventpb.Estimate {
	return &eventpb.Estimate{Value: value, Lo: lo, Hi: hi, Grade: grade, N: n}
}

func unknown(reason string, n float64) *eventpb.Estimate {
	return &eventpb.Estimate{Insufficient: reason, N: n, Value: 7, Lo: 6, Hi: 8} // the numbers must not be shown
}

// aPerson are the two halves of a person's id. No document may hold them.
const aPersonHi, aPersonLo = 0x1234567890abcdef, 0xfedcba0987654321

// exampleInsight is of a room that is hotter than its seller, with a transcript and without a list of owners.
func exampleInsight() *eventpb.Insight {
	return &eventpb.Insight{
		Pane: noon - 41, BackedShare: .34, Reference: "2026-03/1",
		Bodies: []*eventpb.Body{
			{
				Role: "audience", HeatJoules: 224.5, Temperature: 1.064, Theta: known(1.59, 1.32, 1.9, gradeA, 88),
				PowerWatts: 2.59, Acts: 640,
			},
			{
				Role: "esol", HeatJoules: 9.1, Temperature: 9.1, Theta: known(1.12, .9, 1.4, gradeB, 41), PowerWatts: .11,
				Acts: 41,
			},
			{Role: "brand", HeatJoules: 2.2, Temperature: 2.2, Theta: unknown("too_few_acts", 3), PowerWatts: .01, Acts: 3},
		},
		Flows: []*eventpb.Flow{
			{
				From: "brand", To: "esol", Match: unknown("too_few_acts", 3), Difference: 9,
				Conductance: unknown("too_few_acts", 3),
			},
			{
				From: "esol", To: "audience", Match: known(.704, .55, .9, gradeB, 88), Difference: -.47, Reverse: true,
				Conductance: known(.0041, .0012, .007, gradeC, 900),
			},
		},
		Alignment: &eventpb.Alignment{
			Total: known(.66, .51, .81, gradeB, 88), HeatMatch: known(.704, .55, .9, gradeB, 88),
			KnowledgeEsol: known(.72, 0, 0, gradeA, 18), KnowledgeAudience: known(.28, 0, 0, gradeA, 18),
			Worldview: known(.857, 0, 0, gradeC, 7), WorldviewEsol: known(1, 0, 0, gradeC, 7),
			Direction: unknown("no_movement", 0), Missing: []string{"direction"},
		},
		Sync: &eventpb.Sync{
			Rate: known(48.2, 37.5, 61, gradeB, 4), Amount: known(.61, .52, .7, gradeA, 412),
			Echo: known(.44, .31, .57, gradeB, 96), Action: known(.38, .22, .55, gradeB, 31),
			Possession: unknown("no_possessions", 0), Missing: []string{"possession"}, EchoLatencySeconds: 8.4,
			Calls: []*eventpb.CallSync{
				{
					Pane: noon - 548, Action: "like", Uplift: known(.21, .12, .31, gradeA, 83), Concentration: 3.2,
					Sync: known(.38, .22, .55, gradeB, 31), People: 31,
				},
				{
					Pane: noon - 120, Uplift: unknown("too_few_people", 4), Concentration: 1, Sync: unknown("too_few_people", 4),
					People: 4,
				},
			},
			Raw: &eventpb.SyncTwin{
				Rate: known(53.6, 43.1, 65.2, gradeB, 4), Amount: known(.55, .46, .64, gradeA, 498),
				Echo: known(.44, .31, .57, gradeB, 103), Action: known(.55, .41, .67, gradeB, 58),
				Possession: unknown("no_possessions", 0), Missing: []string{"possession"},
			},
		},
		Contagion: &eventpb.Contagion{
			Lexical: known(.12, .06, .18, gradeB, 1840), Total: known(.41, .29, .53, gradeB, 1904),
			SecondaryUses: known(1.8, 1.2, 2.4, gradeB, 64), InfectionWatts: .19, Tokens: 1840, Shares: 6, Joins: 138,
			FirstActors: 27, Reproduction: known(1.15, .8, 1.6, gradeC, 27),
			Raw: &eventpb.ContagionTwin{
				Lexical: known(.34, .27, .41, gradeB, 2210), Total: known(.52, .4, .64, gradeB, 2302), Tokens: 2210,
			},
		},
		Trust: &eventpb.Trust{
			Share: .94, Suspects: 5, People: 86, Simpson: .021, Gini: .48, Entropy: .87,
			Missing: []string{"lock", "refund", "view"},
			Worst: []*eventpb.Suspect{
				{PersonHi: aPersonHi, PersonLo: aPersonLo, Weight: .08, Reasons: []*eventpb.Reason{
					{Name: "dup", Score: .92, Evidence: []string{"netsu.comments/2/18102", "netsu.comments/2/18117"}},
					{Name: "reg", Score: .71, Evidence: []string{"netsu.comments/2/18117"}},
				}},
				{PersonHi: aPersonLo, PersonLo: aPersonHi, Weight: .22, Reasons: []*eventpb.Reason{
					{Name: "new", Score: 1, Evidence: []string{"netsu.comments/0/990"}},
				}},
			},
			Floods: []*eventpb.Flood{
				{Accounts: 9, Comments: 44, SinceMs: (noon - 100) * 1000, Evidence: []string{"netsu.comments/2/18102"}},
				{Accounts: 38, Comments: 61, SinceMs: (noon - 70) * 1000, Evidence: []string{"netsu.comments/1/771"}, Chant: true},
			},
		},
		Funnel: &eventpb.Funnel{Stages: []*eventpb.Stage{
			{Name: "seen", People: 1320, Bought: 31, Doubted: 3}, {Name: "engaged", People: 412, Bought: 31, Doubted: 3},
			{Name: "asked", People: 64, Bought: 11}, {Name: "clicked", People: 148, Bought: 29},
			{Name: "carted", People: 54, Bought: 28}, {Name: "checked_out", People: 36, Bought: 31},
			{Name: "bought", People: 31, Bought: 31}, {Name: "came_back", People: 9, Bought: 4},
		}},
		Products: []*eventpb.ProductFunnel{{ProductId: "lip-01", Name: "リップ 01", Stages: []*eventpb.Stage{
			{Name: "clicked", People: 92, Bought: 19}, {Name: "carted", People: 33, Bought: 18},
			{Name: "bought", People: 19, Bought: 19},
		}}},
		Beats: []*eventpb.Beat{
			{BrandId: "hana", Id: "founding", Told: 3, RetoldPeople: 14, Joules: 22.5},
			{BrandId: "hana", Id: "safflower", Told: 1},
		},
		Questions: &eventpb.Questions{Asked: 64, Answered: 41, Bought: 11, SecondsToBuy: 212},
		Pins: []*eventpb.PinLift{
			{
				ProductId: "lip-01", Pane: noon - 553, Clicks: 41, ClicksBefore: 12, Orders: 6, OrdersBefore: 1,
				Lift: known(3.1, 1.7, 5.6, gradeC, 56),
			},
			{ProductId: "cheek-02", Pane: noon - 130, Clicks: 3, ClicksBefore: 2, Lift: unknown("too_few_people", 4)},
		},
		Ignition: &eventpb.Ignition{
			Level: 2, People: 17, Goal: 25, ExpiresMs: (noon + 75) * 1000, BestLevel: 3, StartedMs: (noon - 240) * 1000,
		},
	}
}
