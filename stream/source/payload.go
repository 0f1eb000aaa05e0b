package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Payloads says how to read a file of payloads as a platform sends them: webhooks that were kept, or an export. The
// file is JSON: one value, several behind each other (NDJSON is that), or an array of them, which is read element by
// element.
type Payloads struct {
	// Name stands for the file in errors, and in the event ids of payloads that have no id of their own.
	Name string
	// ShowID and EsolID are written into every event that does not name its own. Comments and reactions need a show.
	ShowID, EsolID string
	// SKU takes an order line's stock keeping unit as its product, where the catalog speaks of those.
	SKU bool
	// RunningTotals takes what a Stripe charge says was refunded in all as one refund. Only for files without refund
	// objects: with them, the same money would be taken back twice.
	RunningTotals bool
	// PassBad hands payloads that cannot be read on as they are, to become dead letters, instead of ending with an error.
	PassBad bool
}

// Formats are the formats that Read knows.
var Formats = []string{"shopify", "stripe", "tiktok", "youtube"}

// Read yields the events that a file's payloads amount to, in the order of the file. It holds one payload. An error
// names the file and the payload's number, and nothing of its contents, which are personal.
func (p Payloads) Read(format string, r io.Reader) Seq {
	topic, each := Orders, func(json.RawMessage, int, func(Record)) error { return nil }
	switch format {
	case "shopify":
		each = shopify{p}.payload
	case "stripe":
		each = stripe{p}.payload
	case "tiktok":
		topic, each = Comments, (&tiktok{Payloads: p}).payload
	case "youtube":
		topic, each = Comments, youtube{p}.payload
	default:
		panic("cannot happen: payloads of no known format")
	}
	return func(yield func(Record, error) bool) {
		err := values(r, func(n int, raw json.RawMessage) error {
			var records []Record
			if err := each(raw, n, func(r Record) { records = append(records, r) }); err != nil {
				if !p.PassBad {
					return fmt.Errorf("%s: payload %d: reading it as %s: %w", p.Name, n, format, unspoken(err))
				}
				records = []Record{{Topic: topic, Value: bytes.Clone(raw)}}
			}
			for _, r := range records {
				if !yield(r, nil) {
					return errEnough
				}
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(Record{}, err)
		}
	}
}

// maxPayload bounds one payload, and what a reader that stands between two of them reads ahead.
const maxPayload = 64 << 20

// values visits the JSON values of r, and the elements of those that are arrays, counted from 1.
func values(r io.Reader, visit func(n int, raw json.RawMessage) error) error {
	b := &budget{r: r, left: maxPayload}
	d := json.NewDecoder(b)
	n := 0
	next := func() error {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return fmt.Errorf("reading JSON after %d payloads: %w", n, err)
		}
		n++
		b.left = maxPayload
		return visit(n, raw)
	}
	for {
		first, err := firstByte(d)
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("reading JSON after %d payloads: %w", n, err)
		case first != '[':
			if err := next(); err != nil {
				return err
			}
			continue
		}
		if _, err := d.Token(); err != nil {
			return fmt.Errorf("reading JSON after %d payloads: %w", n, err)
		}
		for d.More() {
			if err := next(); err != nil {
				return err
			}
		}
		if _, err := d.Token(); err != nil {
			return fmt.Errorf("reading JSON after %d payloads: %w", n, err)
		}
	}
}

// firstByte is the first byte of the next value, which stays to be read.
func firstByte(d *json.Decoder) (byte, error) {
	if !d.More() { // at the end, or before a bracket that closes nothing, which Token refuses
		if _, err := d.Token(); err != nil {
			return 0, err
		}
		return 0, io.EOF
	}
	var b [1]byte // More has skipped the white space and looked at it
	_, err := io.ReadFull(d.Buffered(), b[:])
	return b[0], err
}

// budget ends a payload that is longer than any that a platform sends.
type budget struct {
	r    io.Reader
	left int
}

// Read reads as long as there is budget.
func (b *budget) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("a payload of more than %d bytes", maxPayload)
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// unspoken takes what was found out of an error of encoding/json, which may be somebody's id.
func unspoken(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("the field %q is of another type than expected", wrong.Field)
	}
	return err
}

// loose is text that platforms write as a string in one place and as a number in another: ids, amounts. It keeps the
// digits as they stand; null and absent are empty. Of an object it is the "id": a reference that was expanded.
type loose string

// UnmarshalJSON takes a string, a number, a truth value or an object with an id.
func (l *loose) UnmarshalJSON(b []byte) error {
	switch b[0] {
	case '"':
		return json.Unmarshal(b, (*string)(l))
	case 'n':
		*l = ""
	case '{':
		var whole struct{ ID loose }
		if err := json.Unmarshal(b, &whole); err != nil {
			return err
		}
		*l = whole.ID
	case '[':
		return errors.New("an array where an id or an amount is expected")
	default:
		*l = loose(b)
	}
	return nil
}

// yes tells whether a truth value, which some write as 1 or "true", is one.
func (l loose) yes() bool { return l == "true" || l == "1" }

// whole is the integer; 0 where it is none.
func (l loose) whole() int64 {
	n, _ := strconv.ParseInt(string(l), 10, 64)
	return n
}

// instant is a time in RFC 3339; null and absent are zero.
type instant int64

// UnmarshalJSON reads RFC 3339.
func (t *instant) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil || text == "" {
		return err
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return errors.New("a time that is not RFC 3339")
	}
	*t = instant(at.UnixMilli())
	return nil
}

// firstOf is the first that is not zero.
func firstOf(times ...instant) int64 {
	for _, t := range times {
		if t != 0 {
			return int64(t)
		}
	}
	return 0
}

// named is a value of the first of the names that is there and not empty. Names are compared without case.
func named(have map[string]string, names ...string) string {
	for _, name := range names {
		if v := strings.TrimSpace(have[name]); v != "" {
			return v
		}
	}
	return ""
}

// What a shop may call the code of whose link an order came by, most telling first.
var affiliateNames = []string{"affiliate_code", "affiliate", "aff", "ref", "referral_code"}

// codeOf finds an affiliate's code in what came with a link: a parameter that is called one, else utm_source where
// utm_medium says that the source is a person who is paid.
func codeOf(link map[string]string) string {
	if code := named(link, affiliateNames...); code != "" {
		return code
	}
	switch strings.ToLower(link["utm_medium"]) {
	case "affiliate", "influencer", "creator", "kol", "live", "livestream":
		return link["utm_source"]
	}
	return ""
}

// channelOf is where a link was: as utm_medium says, in the words that orders use; empty where it says something else.
func channelOf(link map[string]string) string {
	switch strings.ToLower(link["utm_medium"]) {
	case "live", "livestream":
		return "live"
	case "email", "newsletter":
		return "email"
	case "sms", "line", "messaging", "messenger", "whatsapp", "push":
		return "messaging"
	}
	return ""
}

// methods puts the names of ways to pay into the words of orders. Ways that are paid later come first: an order that
// was paid in part by gift card and the rest at a shop's counter is one that is not paid yet.
var methods = []struct {
	word     string
	deferred bool // the money comes later than the order
	parts    []string
}{
	{"cod", true, []string{"cod", "cash on delivery", "cash_on_delivery", "代金引換", "代引", "货到付款", "貨到付款"}},
	{"konbini", true, []string{"konbini", "コンビニ", "convenience store", "convenience_store"}},
	{"bank_transfer", true, []string{"bank", "deposit", "wire", "振込", "customer_balance", "sepa_debit", "ach", "bacs_debit",
		"multibanco", "boleto", "oxxo", "pay-easy"}},
	{"wallet", false, []string{"paypal", "paypay", "apple_pay", "google_pay", "amazon_pay", "amazon pay", "alipay",
		"wechat", "line pay", "grabpay", "kakao_pay", "cashapp", "rakuten pay", "merpay", "link"}},
	{"gift_card", false, []string{"gift_card", "gift card"}},
	{"card", false, []string{"card", "shopify_payments", "stripe", "authorize_net", "braintree", "bogus", "クレジット"}},
}

// methodOf is the first of methods that one of the names stands for, else the first name itself. Of an order that was
// paid in part by gift card the other part is said.
func methodOf(names ...string) (word string, deferred bool) {
	var gift, other string
	for _, m := range methods {
		for _, name := range names {
			name = strings.ToLower(strings.TrimSpace(name))
			switch {
			case !slices.ContainsFunc(m.parts, func(part string) bool { return within(name, part) }):
			case m.word == "gift_card":
				gift = name
			case name != gift:
				return m.word, m.deferred
			}
			if other == "" {
				other = name
			}
		}
	}
	if gift != "" {
		return "gift_card", false
	}
	return shorten(other, maxWord), false
}

// within tells whether a name contains a part; a short one as a word, as many names contain it by chance.
func within(name, part string) bool {
	if len(part) > 4 {
		return strings.Contains(name, part)
	}
	return slices.Contains(strings.FieldsFunc(name, func(r rune) bool { return r < 0x80 && !letter(r) }), part)
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' }

// maxWord is how long a channel or payment method may be, in bytes.
const maxWord = 64

// shorten cuts text to at most n bytes, between characters.
func shorten(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "")
}
