package source

import (
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

// Chat says which show a chat export is of. A platform's export names neither ESOL nor language.
type Chat struct {
	// Name stands for the file in the event ids of lines that have none: hash of Name and line number. Required there.
	Name                           string
	ShowID, EsolID, Platform, Lang string
}

// maxLine bounds a line of an export.
const maxLine = 1 << 20

// chatLine has the fields of the exports read here; each has some of them.
type chatLine struct {
	MS        int64    `json:"ts_ms"`
	US        int64    `json:"ts_us"`
	OffsetSec *int64   `json:"off_s"`
	ID        string   `json:"id"`
	User      string   `json:"user"`
	Role      []string `json:"role"`
	Text      *string  `json:"text"`
	Amount    string   `json:"amount"`
}

// ChatLines reads JSON lines {ts_ms or ts_us, id?, user, role?, text?, amount?}, as YouTube chats are exported. A line
// with a text is a comment; a line with an amount ("$10.00", "¥200") is a gift, and a second one if it has a text too.
// Two lines of one payment (the chat item and its ticker) have user, time and amount in common and so get the same
// event ids. It holds one line.
func ChatLines(r io.Reader, c Chat) Seq {
	return c.each(r, func(n int, l chatLine, yield func(Record) bool) bool {
		ms := l.MS
		if ms == 0 {
			ms = l.US / 1000
		}
		common := c.common(ms, l.User)
		common.EventID = l.ID
		if l.ID == "" {
			common.EventID = digest(c.Name, fmt.Sprint(n))
		}
		if l.Amount != "" {
			common.EventID = digest("payment", l.User, fmt.Sprint(max(l.US, l.MS)), l.Amount)
			g := Reaction{Common: common, Kind: "gift"}
			g.Currency, g.Amount = payment(l.Amount)
			if !yield(g.Record()) {
				return false
			}
			common.EventID += "-text"
		}
		if l.Text == nil || l.Amount != "" && *l.Text == "" {
			return true
		}
		m := Comment{Common: common, Text: *l.Text, Lang: c.Lang, Role: roleOf(l.Role)}
		return yield(m.Record())
	})
}

// OffsetChat reads JSON lines {off_s, text}: a replay without wall clock and authors. It begins at start, and its
// authors are made up: drawn by Zipf's law (exponent 1.1) among people, from seed. So whatever depends on who said a
// thing says nothing about the people of that show. It holds one line.
func OffsetChat(r io.Reader, c Chat, start time.Time, people int, seed uint64) Seq {
	return func(yield func(Record, error) bool) {
		authors := newAuthors(people, seed)
		c.each(r, func(n int, l chatLine, yield func(Record) bool) bool {
			if l.OffsetSec == nil || l.Text == nil {
				return true // a line about something else
			}
			m := Comment{Common: c.common(start.UnixMilli()+*l.OffsetSec*1000, authors.next()), Text: *l.Text,
				Lang: c.Lang}
			m.EventID = digest(c.Name, fmt.Sprint(n))
			return yield(m.Record())
		})(yield)
	}
}

// each runs over the lines of an export.
func (c Chat) each(r io.Reader, line func(n int, l chatLine, yield func(Record) bool) bool) Seq {
	return func(yield func(Record, error) bool) {
		one := func(r Record) bool { return yield(r, nil) }
		s := bufio.NewScanner(r)
		s.Buffer(nil, maxLine)
		n := 0
		for s.Scan() {
			n++
			var l chatLine
			if err := json.Unmarshal(s.Bytes(), &l); err != nil {
				yield(Record{}, fmt.Errorf("%s:%d: reading a chat line: %w", c.Name, n, err))
				return
			}
			if !line(n, l, one) {
				return
			}
		}
		if err := s.Err(); err != nil {
			yield(Record{}, fmt.Errorf("%s:%d: %w", c.Name, n+1, err))
		}
	}
}

func (c Chat) common(ms int64, user string) Common {
	return Common{TimeMS: ms, ShowID: c.ShowID, EsolID: c.EsolID, Platform: c.Platform, PersonID: user}
}

// roleOf: the channel's owner is who sells; members and verified users are viewers.
func roleOf(badges []string) string {
	role := ""
	for _, b := range badges {
		switch b {
		case "owner":
			return "esol"
		case "moderator":
			role = "moderator"
		}
	}
	return role
}

// signs are the currency signs of YouTube's amounts. A sign that is not here is taken as the currency code itself,
// which is what YouTube writes for most; if it is none, the event becomes a dead letter that says so.
var signs = map[string]string{"$": "USD", "US$": "USD", "A$": "AUD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD",
	"NT$": "TWD",
	"MX$": "MXN", "R$": "BRL", "£": "GBP", "€": "EUR", "¥": "JPY", "￥": "JPY", "₩": "KRW", "₹": "INR",
	"₱": "PHP", "฿": "THB",
	"₫": "VND", "₪": "ILS", "Rp": "IDR"}

// payment splits a displayed amount into currency and decimal text without grouping.
func payment(shown string) (currency, amount string) {
	at := strings.IndexAny(shown, "0123456789")
	if at < 0 {
		return strings.TrimSpace(shown), ""
	}
	sign := strings.TrimSpace(strings.ReplaceAll(shown[:at], "\u00a0", " "))
	amount = strings.TrimSpace(strings.ReplaceAll(shown[at:], ",", ""))
	if code, ok := signs[sign]; ok {
		return code, amount
	}
	return sign, amount
}

// digest is a short stable id of its parts.
func digest(parts ...string) string {
	h := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(h[:10])
}

// authors are made-up people, of whom a few say much.
type authors struct{ zipf *rand.Zipf }

func newAuthors(people int, seed uint64) *authors {
	return &authors{rand.NewZipf(rand.New(rand.NewPCG(seed, 0)), 1.1, 1, uint64(max(people, 1)-1))}
}

func (a *authors) next() string { return fmt.Sprintf("made-up-%d", a.zipf.Uint64()) }

// Open opens an export, unpacking it where its name ends in .gz.
func Open(name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("opening an export: %w", err)
	}
	if !strings.HasSuffix(name, ".gz") {
		return f, nil
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("opening an export: %s: %w", name, err)
	}
	return unzipped{z, f}, nil
}

type unzipped struct {
	*gzip.Reader
	file *os.File
}

// Close closes the file; the unpacker holds nothing.
func (u unzipped) Close() error { return u.file.Close() }
