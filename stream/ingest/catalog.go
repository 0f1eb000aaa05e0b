package ingest

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/netsu/netsu/operators/holdout"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

var catalogKinds = []string{"brand", "esol", "show", "product", "campaign", "fx", "payout"}

// maxCatalogEntries bounds every list of a catalog entry (lexicon, aliases, campaign_ids …).
const maxCatalogEntries = maxList

// A brand's corpus and target: this many texts each, of this many characters.
const (
	maxCorpusTexts = 200
	maxCorpusRunes = 1000
)

// catalogEvent reads one entry, or with a null value the end of the one that the key names. `time` is optional here:
// the record's timestamp stands in for it, without bounds, because an entry is in force from where it lies in the log.
func (d *Decoder) catalogEvent() {
	e := &d.event
	c := &eventpb.Catalog{}
	e.Kind, e.Catalog = eventpb.Kind_KIND_CATALOG, c
	e.TimeMs = d.in.RecordMS
	if d.in.Value == nil {
		c.Deleted = true
		c.Kind, c.Id = d.catalogKey()
		d.identify()
		return
	}
	c.Kind = d.catalogKind()
	c.Id = d.requiredID(fID)
	if d.top.get(fTime).shape != absent {
		e.TimeMs = d.eventTime()
	}
	d.identify()
	d.matchKey(c)
	if d.bad == nil {
		d.catalogEntry(c)
	}
}

// catalogKey takes a deletion's kind and id from the record's key, kind/id.
func (d *Decoder) catalogKey() (kind, id string) {
	k, i, ok := bytes.Cut(d.in.Key, []byte{'/'})
	switch {
	case len(d.in.Key) == 0:
		d.bad = reject(MissingField, "key: expected kind/id, got nothing")
	case !ok || len(i) == 0 || len(i) > maxIDBytes || hasControl(i):
		d.bad = reject(BadField, "key: expected kind/id, got %d bytes", len(d.in.Key))
	case !slices.Contains(catalogKinds, string(k)):
		d.bad = reject(UnknownKind, "key: expected brand, esol, show, product, campaign, fx or payout before the slash")
	}
	return string(k), string(bytes.ToValidUTF8(i, []byte("\uFFFD")))
}

func (d *Decoder) catalogKind() string {
	t := d.top.get(fKind)
	if t.shape == absent || t.shape == text && len(t.b) == 0 {
		d.fail(MissingField, fKind, "the kind of entry", t)
		return ""
	}
	if t.shape == text {
		for _, kind := range catalogKinds {
			if kind == string(t.b) {
				return kind
			}
		}
	}
	d.fail(UnknownKind, fKind, "brand, esol, show, product, campaign, fx or payout", t)
	return ""
}

// matchKey refuses an entry under the key of another: compaction goes by the key and would lose one of the two.
func (d *Decoder) matchKey(c *eventpb.Catalog) {
	if d.bad == nil && string(d.in.Key) != c.Kind+"/"+c.Id {
		d.bad = reject(BadField, "key: expected the entry's kind/id, got %d other bytes", len(d.in.Key))
	}
}

func (d *Decoder) catalogEntry(c *eventpb.Catalog) {
	switch c.Kind {
	case "brand":
		c.Brand = d.brand()
	case "esol":
		c.Esol = d.esol()
	case "show":
		c.Show = d.show()
	case "product":
		c.Product = d.product()
	case "campaign":
		c.Campaign = d.campaign()
	case "fx":
		c.Fx = d.fx()
	case "payout":
		c.Payout = d.payout()
	}
}

func (d *Decoder) brand() *eventpb.Brand {
	b := &eventpb.Brand{
		Name:     d.free(fName, maxNameBytes),
		Lexicon:  d.terms(fLexicon),
		Facts:    d.terms(fFacts),
		Beats:    d.terms(fBeats),
		Negative: d.terms(fNegative),
		Corpus:   d.texts(fCorpus),
		Target:   d.texts(fTarget),
	}
	b.ReturnWindowMs, _ = d.integer(&d.top, fReturnWindowMS, 0, 1<<53)
	return b
}

func (d *Decoder) esol() *eventpb.Esol {
	e := &eventpb.Esol{
		Name: d.free(fName, maxNameBytes), Tier: d.word(fTier), Owns: d.list(fOwns), Codes: d.list(fCodes),
	}
	d.each(fPlatformIDs, d.top.get(fPlatformIDs), func() {
		id := &eventpb.PlatformId{
			Platform: d.strOf(fPlatform, d.part.get(fPlatform), maxWordBytes),
			Id:       d.requiredPart(fID),
		}
		// The folds know people by pseudonym only, the ESOL's own purchases included.
		h := d.person(id.Platform, id.Id)
		e.PlatformIds = append(e.PlatformIds, id)
		e.Persons = append(e.Persons, &eventpb.PersonId{Hi: h.Hi, Lo: h.Lo})
	})
	return e
}

func (d *Decoder) show() *eventpb.Show {
	s := &eventpb.Show{
		Title:       d.free(fTitle, maxNameBytes),
		EsolId:      d.id(fEsolID),
		Platform:    d.word(fPlatform),
		CampaignIds: d.list(fCampaignIDs),
		BrandIds:    d.list(fBrandIDs),
		StartMs:     d.time(&d.top, fStart),
		EndMs:       d.time(&d.top, fEnd),
	}
	d.span(s.StartMs, s.EndMs)
	return s
}

func (d *Decoder) product() *eventpb.Product {
	return &eventpb.Product{
		Name:          d.free(fName, maxNameBytes),
		Aliases:       d.list(fAliases),
		BrandId:       d.id(fBrandID),
		Category:      d.id(fCategory),
		ReturnRatePpm: d.ppm(fReturnRatePPM),
		BaseOwnedPpm:  d.ppm(fBaseOwnedPPM),
	}
}

func (d *Decoder) campaign() *eventpb.Campaign {
	c := &eventpb.Campaign{
		Name:             d.free(fName, maxNameBytes),
		BrandId:          d.id(fBrandID),
		EsolIds:          d.list(fEsolIDs),
		StartMs:          d.time(&d.top, fStart),
		EndMs:            d.time(&d.top, fEnd),
		MarginPpm:        d.ppm(fMarginPPM),
		CommissionPpm:    d.ppm(fCommissionPPM),
		AttributionModel: d.oneOf(fAttributionModel, attributionModels),
		Rounding:         d.oneOf(fRounding, roundings),
		OrganicCounts:    d.flag(fOrganicCounts),
		ClosesOnOrder:    d.flag(fClosesOnOrder),
	}
	d.each(fWindows, d.top.get(fWindows), func() { c.Windows = append(c.Windows, d.window()) })
	d.span(c.StartMs, c.EndMs)
	c.AttributionWindowMs, _ = d.integer(&d.top, fAttributionWindowMS, 0, 1<<53)
	held, _ := d.integer(&d.top, fHoldoutPPM, 0, holdout.MaxPPM)
	c.HoldoutPpm = uint32(held)
	terms := d.contractFields()
	hasMoney := d.top.get(fSpend).shape != absent || d.top.get(fGMVCommitment).shape != absent || terms != nil
	if hasMoney || d.top.get(fCurrency).shape != absent {
		c.Currency = d.currency(fCurrency)
	}
	if d.bad == nil {
		c.SpendMinor = d.optionalAmount(&d.top, fSpend, c.Currency)
		c.GmvCommitmentMinor = d.optionalAmount(&d.top, fGMVCommitment, c.Currency)
	}
	d.contract(c, terms)
	return c
}

// The words that are one of a few. A word that is none of them is refused and not taken for the default: money would be shared by a
// rule that nobody asked for. The entry before stays in force, and the dead letter says why. Neither are other spellings taken
// for one of them: platforms say "last touch" of the last click, of the last paid one, and of the last before a window.
var (
	attributionModels = []string{"last", "first", "linear", "time_decay", "position", "shapley", "none"}
	roundings         = []string{"largest_remainder", "webster"}
	surfaces          = []string{"live", "app", "web", "messaging", "email", "code"}
)

// oneOf is an optional word that is one of a few.
func (d *Decoder) oneOf(f field, words []string) string {
	w := d.word(f)
	if w != "" && d.bad == nil && !slices.Contains(words, w) {
		d.fail(BadField, f, "one of "+strings.Join(words, ", ")+"; or leave it out", d.top.get(f))
	}
	return w
}

func (d *Decoder) window() *eventpb.Window {
	w := &eventpb.Window{Surface: d.strOf(fSurface, d.part.get(fSurface), maxWordBytes)}
	if !slices.Contains(surfaces, w.Surface) {
		d.fail(BadField, fSurface, "live, app, web, messaging, email or code", d.part.get(fSurface))
	}
	var ok bool
	if w.WindowMs, ok = d.integer(&d.part, fWindowMS, 0, 1<<53); !ok {
		d.fail(MissingField, fWindowMS, "milliseconds", d.part.get(fWindowMS))
	}
	return w
}

// fx is how much of quote one base buys, from a time on.
func (d *Decoder) fx() *eventpb.Fx {
	x := &eventpb.Fx{
		Base:   d.currency(fBase),
		Quote:  d.currency(fQuote),
		FromMs: d.time(&d.top, fFrom),
	}
	t := d.top.get(fRate)
	if t.shape == absent {
		d.fail(MissingField, fRate, "decimal text", t)
	} else if t.shape != text && t.shape != number || !isRate(t.b) {
		d.fail(BadAmount, fRate, "decimal text above zero, at most 18 digits", t)
	}
	x.Rate = stringOf(t.b)
	return x
}

// isRate tells decimal text above zero of at most 18 digits, which any decimal library holds exactly.
func isRate(b []byte) bool {
	digits, point, positive := 0, -1, false
	for i, c := range b {
		switch {
		case c == '.' && point < 0 && i > 0:
			point = i
		case c-'0' <= 9:
			digits++
			positive = positive || c != '0'
		default:
			return false
		}
	}
	return positive && digits <= 18 && point != len(b)-1
}

// ppm is an optional rate in parts per million, 0 to 1,000,000.
func (d *Decoder) ppm(f field) uint32 { return d.ppmOf(&d.top, f) }

func (d *Decoder) ppmOf(o *fields, f field) uint32 {
	n, _ := d.integer(o, f, 0, 1_000_000)
	return uint32(n)
}

func (d *Decoder) span(startMS, endMS int64) {
	if endMS != 0 && endMS < startMS && d.bad == nil {
		d.bad = reject(BadField, "end: expected start or later, got %d ms before it", startMS-endMS)
	}
}

// list is an optional array of strings.
func (d *Decoder) list(f field) []string { return d.strings(f, d.top.get(f)) }

func (d *Decoder) strings(f field, t token) (list []string) {
	if t.shape == absent || d.bad != nil {
		return nil
	}
	if t.shape != array {
		d.fail(BadField, f, "an array of strings", t)
		return nil
	}
	elements(t.b, &d.scan, func(v token) {
		switch {
		case d.bad != nil:
		case v.shape != text:
			d.fail(BadField, f, "an array of strings", v)
		case len(list) == maxCatalogEntries:
			d.fail(BadField, f, "at most 1000 elements", t)
		default:
			v.escaped = false
			list = append(list, d.strOf(f, v, maxNameBytes))
		}
	})
	return list
}

// texts is an optional array of running texts.
func (d *Decoder) texts(f field) (list []string) {
	t := d.top.get(f)
	if t.shape == absent || d.bad != nil {
		return nil
	}
	if t.shape != array {
		d.fail(BadField, f, "an array of strings", t)
		return nil
	}
	elements(t.b, &d.scan, func(v token) {
		switch {
		case d.bad != nil:
		case v.shape != text:
			d.fail(BadField, f, "an array of strings", v)
		case len(list) == maxCorpusTexts:
			d.fail(BadField, f, "at most 200 texts", t)
		case utf8.RuneCount(v.b) > maxCorpusRunes:
			d.fail(BadField, f, "texts of at most 1000 characters", v)
		default:
			list = append(list, stringOf(v.b))
		}
	})
	return list
}

// terms is an optional array of what a brand listens for: each a string, which is its own id and only form, or an object
// {"id", "forms", "contradicted_by"}, whose only form is its id where it names none.
func (d *Decoder) terms(f field) (list []*eventpb.Term) {
	t := d.top.get(f)
	if t.shape == absent || d.bad != nil {
		return nil
	}
	if t.shape != array {
		d.fail(BadField, f, "an array of strings or objects", t)
		return nil
	}
	elements(t.b, &d.scan, func(v token) {
		switch {
		case d.bad != nil:
		case len(list) == maxCatalogEntries:
			d.fail(BadField, f, "at most 1000 elements", t)
		case v.shape == object:
			list = append(list, d.term(v))
		case v.shape == text:
			v.escaped = false
			s := d.strOf(f, v, maxNameBytes)
			list = append(list, &eventpb.Term{Id: s, Forms: []string{s}})
		default:
			d.fail(BadField, f, "an array of strings or objects", v)
		}
	})
	return list
}

func (d *Decoder) term(t token) *eventpb.Term {
	d.members(t)
	forms, contradicted := d.part.get(fForms), d.part.get(fContradictedBy)
	e := &eventpb.Term{Id: d.requiredPart(fID)}
	e.Forms, e.ContradictedBy = d.strings(fForms, forms), d.strings(fContradictedBy, contradicted)
	if len(e.Forms) == 0 {
		e.Forms = []string{e.Id}
	}
	return e
}

// CatalogKey is the Kafka key of an entry.
func CatalogKey(kind, id string) string { return event.Scope(kind, id) }
