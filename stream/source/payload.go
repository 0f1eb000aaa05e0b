package source

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Payloads says how to read a file of payloads as a platform sends them: webhooks that were kept, or an export. The
// file is JSON: one value, several behind each other (NDJSON is that), or an array of them, which is read element by
// element.
type Payloads struct {
	// Name stands for the file in errors, and in the event ids of payloads that have no id of their own.
	Name string
	// ShowID and EsolID are written into every event that does not name its own. Comments and reactions need a show.
	ShowID, EsolID string
	// AtMS is the time of events that tell none themselves, as of a webhook whose time is in a header; 0: unknown.
	AtMS int64
	// SKU takes an order line's stock keeping unit as its product, where the catalog speaks of those.
	SKU bool
	// RunningTotals takes what a Stripe charge says was refunded in all as one refund. Only for files without refund
	// objects: with them, the same money would be taken back twice.
	RunningTotals bool
	// Mapping reads a house's own JSON, with the format "mapping".
	Mapping *Mapping
	// PassBad hands payloads that cannot be read on as they are, to become dead letters, instead of ending with an
	// error.
	PassBad bool
}

// Formats are the formats that Read and Each know; with a Mapping, "mapping" is one too.
var Formats = []string{"bilibili", "ga4", "shopify", "stripe", "tiktok", "twitch", "twitch-irc", "woocommerce", "youtube"}

// NeedsShow tells whether a format's events name no show, so that Payloads must.
func NeedsShow(format string) bool {
	switch format {
	case "bilibili", "tiktok", "twitch", "twitch-irc", "youtube":
		return true
	}
	return false
}

// payloadReader reads the n-th payload of a file.
type payloadReader func(raw json.RawMessage, n int, yield func(Record)) error

// reader is what reads a format's payloads, and the topic that most of its events are for.
func (p Payloads) reader(format string) (topic string, read payloadReader) {
	switch format {
	case "bilibili":
		return Comments, (&bilibili{Payloads: p}).payload
	case "ga4":
		return Reactions, ga4{p}.payload
	case "mapping":
		return Orders, mapped{p}.payload
	case "twitch":
		return Comments, (&twitch{Payloads: p}).payload
	case "twitch-irc":
		return Comments, twitchIRC{p}.payload
	case "woocommerce":
		return Orders, woocommerce{p}.payload
	case "shopify":
		return Orders, shopify{p}.payload
	case "stripe":
		return Orders, stripe{p}.payload
	case "tiktok":
		return Comments, (&tiktok{Payloads: p}).payload
	case "youtube":
		return Comments, youtube{p}.payload
	}
	panic("cannot happen: payloads of no known format")
}

// Map reads one payload with the Mapping that is decoded already: values as encoding/json gives them with UseNumber, and
// float64 for what was a binary fraction where it was written, of which no money is taken. An error says nothing of the
// payload's contents.
func (p Payloads) Map(v any) (records []Record, err error) {
	err = mapped{p}.value(v, 1, func(r Record) { records = append(records, r) })
	if err != nil {
		return nil, err
	}
	return records, nil
}

// Each visits a file's payloads in order: the bytes of each, and the events that they amount to or why they cannot be
// read. It holds one payload. It ends with visit's first error, or where the file is no JSON.
func (p Payloads) Each(format string, r io.Reader, visit func(n int, raw []byte, records []Record, err error) error) error {
	_, read := p.reader(format)
	split := values
	if format == "twitch-irc" {
		split = lines
	}
	return split(r, func(n int, raw json.RawMessage) error {
		var records []Record
		if err := read(raw, n, func(r Record) { records = append(records, r) }); err != nil {
			return visit(n, raw, nil, unspoken(err))
		}
		return visit(n, raw, records, nil)
	})
}

// Read yields the events that a file's payloads amount to, in the order of the file. It holds one payload. An error
// names the file and the payload's number, and nothing of its contents, which are personal.
func (p Payloads) Read(format string, r io.Reader) Seq {
	topic, _ := p.reader(format)
	return func(yield func(Record, error) bool) {
		err := p.Each(format, r, func(n int, raw []byte, records []Record, err error) error {
			switch {
			case err != nil && !p.PassBad:
				return fmt.Errorf("%s: payload %d: reading it as %s: %w", p.Name, n, format, err)
			case err != nil:
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

// lines visits the lines of r that are not empty, counted from 1.
func lines(r io.Reader, visit func(n int, raw json.RawMessage) error) error {
	s := bufio.NewScanner(r)
	s.Buffer(nil, maxLine)
	n := 0
	for s.Scan() {
		n++
		if len(bytes.TrimSpace(s.Bytes())) == 0 {
			continue
		}
		if err := visit(n, s.Bytes()); err != nil {
			return err
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("reading line %d: %w", n+1, err)
	}
	return nil
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

// settle fills in the show and the ESOL that the reader was told, where an order names none. Only versions that would
// name them may have them: the newest holds, so a refund's would hide the order's own.
func (p Payloads) settle(v *Order) {
	if v.ShowID == "" {
		v.ShowID = p.ShowID
	}
	if v.EsolID == "" {
		v.EsolID = p.EsolID
	}
}

// seal gives a version an id that is the same whenever the same content is sent again.
func (p Payloads) seal(v *Order, yield func(Record)) {
	if v.EventID == "" {
		v.EventID = v.Platform + "/" + v.OrderID + "/" + digest(string(v.Append(nil)))
	}
	yield(v.Record())
}
