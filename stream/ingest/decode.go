package ingest

import (
	"errors"
	"strconv"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// Limits of what a field may hold. Longer is a dead letter (bad_field), not a cut: a cut id is another id.
const (
	maxIDBytes   = 256
	maxTextBytes = 8 << 10
	maxWordBytes = 64 // role-like words, language tags, platforms, channels, payment methods
	maxNameBytes = 1 << 10
	maxCount     = 1_000_000_000         // of taps, viewers, quantities: sums of them stay far from overflow
	maxAmount    = 1_000_000_000_000_000 // minor units of one amount: 9,000 of them still sum within an int64
	maxList      = 1000                  // lines, refunds, lexicon entries
)

// maxFutureMS is how far ahead of the clock an event time may be.
const maxFutureMS = 5 * 60 * 1000

// DefaultMinTime is the least event time that is taken unless a setting says otherwise.
var DefaultMinTime = time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)

// Raw says which of the raw topics a record is of, whatever the topic is called.
type Raw uint8

// The raw topics, in the order of broker.Topics.Raw.
const (
	RawComments Raw = iota
	RawReactions
	RawOrders
	RawCatalog
)

// Input is one record of a raw topic.
type Input struct {
	Raw        Raw
	Topic      string
	Partition  int32
	Offset     int64
	Key, Value []byte
	// RecordMS is the record's timestamp; Appended tells that the broker set it (LogAppendTime), which makes it the
	// clock against which a future event time is judged.
	RecordMS int64
	Appended bool
}

// Decoder turns raw records into canonical events. What it returns aliases the record and the decoder's own memory: it
// is valid until the next Decode and must not be kept. Not safe for concurrent use; reused, it allocates nothing for
// comments and reactions.
type Decoder struct {
	hasher    *event.Hasher
	minTimeMS int64
	now       func() time.Time
	heardMS   int64 // what now said last; it has not become earlier since

	scan    scanner
	top     fields
	part    fields // of a nested object
	event   eventpb.Event
	order   eventpb.Order
	scratch []byte // what is hashed, and ids made of a place
	in      *Input
	bad     *Reject // the first fault; everything after it is void
}

// NewDecoder makes one. minTime zero means DefaultMinTime; now is read for raw topics whose producers set the
// timestamp.
func NewDecoder(hasher *event.Hasher, minTime time.Time, now func() time.Time) *Decoder {
	if minTime.IsZero() {
		minTime = DefaultMinTime
	}
	return &Decoder{hasher: hasher, minTimeMS: minTime.UnixMilli(), now: now}
}

// Decode checks one record and makes the event of it, or says why it cannot.
func (d *Decoder) Decode(in *Input) (*eventpb.Event, *Reject) {
	d.in, d.bad = in, nil
	d.event.Reset()
	if r := d.read(in); r != nil {
		return nil, r
	}
	switch in.Raw {
	case RawComments:
		d.comment()
	case RawReactions:
		d.reaction()
	case RawOrders:
		d.orderEvent()
	case RawCatalog:
		d.catalogEvent()
	}
	if d.bad != nil {
		return nil, d.bad
	}
	return &d.event, nil
}

// read checks the bytes and finds the fields.
func (d *Decoder) read(in *Input) *Reject {
	if n := len(in.Value); n > event.MaxRecordBytes {
		return reject(TooLarge, "expected at most %d bytes, got %d", event.MaxRecordBytes, n)
	}
	d.scan.reset(in.Value)
	if in.Raw == RawCatalog && in.Value == nil {
		d.top.seen = [2]uint64{}
		return nil
	}
	if !utf8.Valid(in.Value) {
		return reject(InvalidUTF8, "expected UTF-8 throughout the record")
	}
	return d.scan.record(&d.top)
}

// common fills in what every event has.
func (d *Decoder) common() {
	e := &d.event
	e.TimeMs = d.eventTime()
	d.identify()
	e.ShowId = d.id(fShowID)
	e.EsolId = d.id(fEsolID)
	e.Platform = d.word(fPlatform)
	e.CampaignId = d.id(fCampaignID)
	if person := d.id(fPersonID); person != "" {
		// The id itself ends here; only its keyed hash goes on.
		h := d.person(e.Platform, person)
		e.PersonHi, e.PersonLo = h.Hi, h.Lo
	}
}

// person is the pseudonym of a platform's id of somebody.
func (d *Decoder) person(platform, id string) event.ID {
	d.scratch = append(append(append(d.scratch[:0], platform...), 0), id...)
	return d.hasher.Person(d.scratch)
}

// identify sets the event id: the producer's, or the record's place, which is the same whenever it is read again.
func (d *Decoder) identify() {
	e := &d.event
	if e.Id = d.id(fEventID); e.Id == "" {
		e.Id = d.place()
	}
	h := d.hasher.Event(bytesOf(e.Id))
	e.IdHi, e.IdLo = h.Hi, h.Lo
}

// place writes topic/partition/offset behind the scanner's strings, which live as long as the event.
func (d *Decoder) place() string {
	from := len(d.scan.scratch)
	b := append(d.scan.scratch, d.in.Topic...)
	b = strconv.AppendInt(append(b, '/'), int64(d.in.Partition), 10)
	b = strconv.AppendInt(append(b, '/'), d.in.Offset, 10)
	d.scan.scratch = b
	return stringOf(b[from:])
}

// eventTime reads `time` and holds it against the least time and the clock.
func (d *Decoder) eventTime() int64 {
	t := d.top.get(fTime)
	if t.shape == absent {
		d.fail(MissingField, fTime, "RFC 3339 or epoch milliseconds", t)
		return 0
	}
	ms, ok := parseTime(t)
	if !ok {
		d.fail(BadTime, fTime, "RFC 3339 with an offset, or integer epoch milliseconds", t)
		return 0
	}
	d.bound(ms)
	return ms
}

func (d *Decoder) bound(ms int64) {
	switch {
	case d.bad != nil:
	case ms < d.minTimeMS:
		d.bad = reject(TimePast, "time: expected %s or later, got %d ms before it",
			time.UnixMilli(d.minTimeMS).UTC().Format(time.RFC3339), d.minTimeMS-ms)
	case !d.in.Appended && ms <= d.heardMS+maxFutureMS:
		// Fine by an earlier reading, and so by any later one: the clock need not be asked for each event.
	default:
		if now := d.clockMS(); ms > now+maxFutureMS {
			d.bad = reject(TimeFuture, "time: expected at most %d ms ahead, got %d", maxFutureMS, ms-now)
		}
	}
}

// clockMS is what "future" is judged against: the broker's clock where it stamped the record, which gives the same
// answer at every reading, else ours.
func (d *Decoder) clockMS() int64 {
	if d.in.Appended {
		return d.in.RecordMS
	}
	d.heardMS = d.now().UnixMilli()
	return d.heardMS
}

// fail keeps the first fault.
func (d *Decoder) fail(reason Reason, f field, expected string, got token) {
	if d.bad != nil {
		return
	}
	if got.shape == text {
		d.bad = reject(reason, "%s: expected %s, got a string of %d bytes", f, expected, len(got.b))
		return
	}
	d.bad = reject(reason, "%s: expected %s, got %s", f, expected, got.shape)
}

// id is an optional id; absent and empty are the same.
func (d *Decoder) id(f field) string { return d.str(f, maxIDBytes) }

// word is an optional short word.
func (d *Decoder) word(f field) string { return d.str(f, maxWordBytes) }

// requiredID is an id that must be there.
func (d *Decoder) requiredID(f field) string {
	s := d.id(f)
	if s == "" {
		d.fail(MissingField, f, "a string", d.top.get(f))
	}
	return s
}

func (d *Decoder) str(f field, most int) string { return d.strOf(f, d.top.get(f), most) }

func (d *Decoder) strOf(f field, t token, most int) string {
	if t.shape == absent {
		return ""
	}
	if t.shape != text {
		d.fail(BadField, f, "a string", t)
		return ""
	}
	if len(t.b) > most {
		d.fail(BadField, f, "at most "+strconv.Itoa(most)+" bytes", t)
		return ""
	}
	if t.escaped && hasControl(t.b) {
		d.fail(BadField, f, "no control characters", t)
		return ""
	}
	return stringOf(t.b)
}

// free is running text: control characters are the author's business.
func (d *Decoder) free(f field, most int) string {
	t := d.top.get(f)
	t.escaped = false
	return d.strOf(f, t, most)
}

func hasControl(b []byte) bool {
	for _, c := range b {
		if c < 0x20 {
			return true
		}
	}
	return false
}

// integer is an optional integer within bounds; ok is false where it is absent or wrong.
func (d *Decoder) integer(o *fields, f field, least, most int64) (n int64, ok bool) {
	t := o.get(f)
	if t.shape == absent {
		return 0, false
	}
	if t.shape == number {
		if n, ok = parseInt(t.b); ok && n >= least && n <= most {
			return n, true
		}
	}
	if d.bad == nil {
		d.fail(BadField, f, "an integer from "+strconv.FormatInt(least, 10)+" to "+strconv.FormatInt(most, 10), t)
	}
	return 0, false
}

// amount is a required amount, zero or more, in a currency that is known to be one.
func (d *Decoder) amount(o *fields, f field, currency string) int64 {
	t := o.get(f)
	switch {
	case t.shape == absent:
		d.fail(MissingField, f, "decimal text", t)
		return 0
	case t.shape != text && t.shape != number:
		d.fail(BadAmount, f, "decimal text or a number", t)
		return 0
	}
	minor, err := event.ParseMinor(t.b, currency)
	switch {
	case errors.Is(err, event.ErrTooPrecise):
		d.fail(BadAmount, f, "no more decimals than "+currency+" has", t)
	case err != nil:
		d.fail(BadAmount, f, "an exact decimal number without exponent", t)
	case minor < 0 || minor > maxAmount:
		d.fail(BadAmount, f, "zero to "+event.FormatMinor(maxAmount, currency), t)
	}
	return minor
}

// optionalAmount is zero where there is none.
func (d *Decoder) optionalAmount(o *fields, f field, currency string) int64 {
	if o.get(f).shape == absent {
		return 0
	}
	return d.amount(o, f, currency)
}

// currency is a required currency.
func (d *Decoder) currency(f field) string {
	code := d.requiredID(f)
	if _, ok := event.Exponent(code); !ok && d.bad == nil {
		d.fail(UnknownCurrency, f, "an active ISO 4217 code in capital letters", d.top.get(f))
	}
	return code
}

// stringOf and bytesOf look at the same memory as the other type: the price of not copying is that what Decode returns
// lives only until the next.
func stringOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
