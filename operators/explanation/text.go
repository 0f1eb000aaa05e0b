package explanation

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/netsu/netsu/operators/journey"
)

// WriteText writes the document for people. Names come from outside: those that a terminal would not print as they are
// stand in quotes.
func WriteText(w io.Writer, d *Document) error {
	var b bytes.Buffer
	p := page{tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)}
	p.order(d)
	for i := range d.Parts {
		p.part(&d.Parts[i])
	}
	if len(d.Parts) > 1 && len(d.Models) > 0 {
		p.line("", "THE WHOLE ORDER, under each model")
		p.models(d.Models, "")
	}
	p.credits(d)
	p.commission(d)
	if err := p.w.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(b.String()) {
		if _, err := io.WriteString(w, strings.TrimRight(line, " \n")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

type page struct{ w *tabwriter.Writer }

// line writes a line of cells; one without cells ends the columns.
func (p page) line(cells ...string) { fmt.Fprintln(p.w, strings.Join(cells, "\t")) }

func (p page) order(d *Document) {
	p.line(fmt.Sprintf("ORDER %s: %s", shown(d.Order), d.Status))
	p.line("  ordered", stamp(d.OrderedAt))
	if d.PaidAt != 0 {
		p.line("  paid", stamp(d.PaidAt))
	}
	p.line("  buyer", cmp.Or(strings.Join(d.People, ", one with "), "not known"))
	n := d.Names
	p.line("  names", named("show", n.Show, "ESOL", n.Esol, "code", n.Code, "campaign", n.Campaign,
		"channel", n.Channel, "payment", n.Payment))
	if d.Uncounted != "" {
		p.line("  counts nowhere", d.Uncounted)
		return
	}
	live := ""
	if d.Sale.InLive {
		live = ", in live"
	}
	p.line("  so by itself of", named("ESOL", d.Sale.Esol, "campaigns", strings.Join(d.Sale.Campaigns, " "))+live)
	p.line("  amounts", layers(d.Amounts)+" "+shown(d.Currency))
	for _, r := range d.Refunds {
		why := ""
		if !r.Counted {
			why = ": another currency, not counted"
		}
		p.line("  refund", fmt.Sprintf("%s of %s %s%s", shown(r.ID), r.Amount, shown(r.Currency), why))
	}
	for _, h := range d.Holds {
		p.line("  held", fmt.Sprintf("%s (%s): %s", h.Name, list(h.Esols), h.Why))
	}
}

func (p page) part(part *journey.PartOf) {
	p.line()
	p.line(fmt.Sprintf("PART of brand %s, products %s: %s", cmp.Or(shown(part.Brand), "unknown"),
		cmp.Or(list(part.Products), "unknown"), layers(part.Amounts)))
	for i := range part.Verdicts {
		v := &part.Verdicts[i]
		p.line()
		p.line("  " + terms(v, i == 0))
		p.line()
		if len(v.Touches) > 0 {
			p.line("  touch", "kind", "surface", "ESOL", "show", "product", "counts", "id")
		}
		for j := range v.Touches {
			t := &v.Touches[j]
			p.line("  "+stamp(t.Time), t.Kind, t.Surface, dash(t.Esol), dash(t.Show), dash(t.Product), counts(t), t.ID)
		}
		p.line()
		p.line("  model", "ESOL", "created", "paid", "refunded", "cancelled", "net", "touches")
		p.shares("in force", v.Shares)
		p.models(v.Models, v.Model)
	}
}

// terms says under which campaign a part is divided, and how.
func terms(v *journey.Verdict, first bool) string {
	s := "under no campaign, with the default windows"
	if v.Campaign != "" {
		s = "under campaign " + shown(v.Campaign)
	}
	switch {
	case v.Model == "":
		s += ": no model in force, the order's own ESOL has it whole"
	case first:
		s += ", which governs, by " + v.Model
	default:
		s += ", for its own deals only, by " + v.Model
	}
	if v.Rounding == "webster" {
		s += ", rounded by Webster"
	}
	if v.Organic {
		s += "; organic touches count"
	}
	if v.Closes {
		s += "; orders spend touches"
	}
	if !v.Current {
		s += ". The touches kept now would say otherwise: the answer is under way, or stands from before"
	}
	return s
}

func counts(t *journey.Touched) string {
	switch {
	case t.Counts:
		return "yes"
	case t.SpentBy != "":
		return "no: spent by " + shown(t.SpentBy)
	case t.Why == "outside_window":
		return "no: longer ago than " + window(t.WindowMS)
	}
	return "no: " + strings.ReplaceAll(t.Why, "_", " ")
}

func window(ms int64) string {
	d := time.Duration(ms) * time.Millisecond
	if day := 24 * time.Hour; d >= day && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	return d.String()
}

func (p page) models(models []journey.Modelled, inForce string) {
	for _, m := range models {
		name := m.Model
		if name == inForce {
			name += " *"
		}
		p.shares(name, m.Shares)
	}
}

func (p page) shares(name string, shares []journey.Shared) {
	for _, s := range shares {
		p.line("  "+name, cmp.Or(shown(s.Esol), "(nobody)"), s.Created.String(), s.Paid.String(), s.Refunded.String(),
			s.Cancelled.String(), s.Net.String(), strconv.Itoa(len(s.Touches)))
		name = ""
	}
}

func (p page) credits(d *Document) {
	if len(d.Credits) == 0 {
		return
	}
	p.line()
	p.line("CREDITED, in " + shown(d.Currency))
	p.line()
	p.line("  scope", "created", "paid", "refunded", "cancelled", "net", "in live", "settles", "")
	for i := range d.Credits {
		c := &d.Credits[i]
		live, settles, said := "-", "-", ""
		if c.InLive {
			live = "yes"
		}
		if c.SettlesAt != 0 {
			settles = stamp(c.SettlesAt)
		}
		if !c.Said {
			said = "not said yet"
		}
		p.line("  "+shown(c.Scope), c.Created.String(), c.Paid.String(), c.Refunded.String(), c.Cancelled.String(),
			c.Net.String(), live, settles, said)
	}
}

func (p page) commission(d *Document) {
	p.line()
	if len(d.Commission) == 0 {
		p.line("COMMISSION: the ledger has no entries for the order")
		return
	}
	p.line("COMMISSION")
	for i := range d.Commission {
		o := &d.Commission[i]
		capped := ""
		if o.Capped {
			capped = ", capped"
		}
		p.line()
		p.line(fmt.Sprintf("  %s under %s, for the %s: estimated %s, approved %s, payable %s, paid %s, clawed back %s %s "+
			"(on %s%s)", shown(o.Esol), shown(o.Campaign), shown(o.Party), o.Estimated, o.Approved, o.Payable, o.Paid, o.ClawedBack,
			shown(o.Currency), o.Base, capped))
		p.line()
		for _, e := range o.Entries {
			p.line("  #"+strconv.FormatInt(e.Number, 10), stamp(e.Time), shown(e.From), "→ "+shown(e.To), e.Amount.String(), shown(e.Why))
		}
	}
}

// layers are amounts as one says them.
func layers(a journey.Amounts) string {
	return fmt.Sprintf("created %s, paid %s, refunded %s, cancelled %s, net %s", a.Created, a.Paid, a.Refunded,
		a.Cancelled, a.Net)
}

// named lists what is there of pairs of a label and a value.
func named(pairs ...string) string {
	var all []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			all = append(all, pairs[i]+" "+shown(pairs[i+1]))
		}
	}
	return cmp.Or(strings.Join(all, ", "), "nothing")
}

func list(names []string) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = shown(n)
	}
	return strings.Join(all, " ")
}

func dash(s string) string { return cmp.Or(shown(s), "-") }

// shown is a name as a terminal may have it.
func shown(s string) string {
	if q := strconv.Quote(s); q != `"`+s+`"` {
		return q
	}
	return s
}

func stamp(t journey.Time) string {
	b, _ := t.MarshalText() // never an error
	return string(b)
}
