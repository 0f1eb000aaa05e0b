package gateway

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/netsu/netsu/stream/access"
)

// maxReading is how long a sender may take to send a body.
const maxReading = 10 * time.Second

// delivery is one request, read.
type delivery struct {
	header http.Header
	query  url.Values
	body   []byte
	at     time.Time // when it came
	// From the query, once options has read it.
	show, esol string
	sku        bool
}

// read takes the body in, or says why not. Until leave is called, the body's bytes are counted.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (d *delivery, leave func(), refused *answer) {
	no := func(a answer) (*delivery, func(), *answer) { return nil, nil, &a }
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return no(refuse(http.StatusUnsupportedMediaType, "ENCODED", "the body must not be compressed", "").hangUp())
	}
	if r.ContentLength > s.c.MaxBodyBytes {
		return no(s.tooLarge())
	}
	// Without such a connection, as in a test, the server's own limits hold.
	conn := http.NewResponseController(w)
	_ = conn.SetReadDeadline(time.Now().Add(maxReading))
	one, err := s.readers.enter(access.AddressOf(r.RemoteAddr), func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })
	if err != nil {
		return no(unread(err))
	}
	body, err := one.read(http.MaxBytesReader(w, r.Body, s.c.MaxBodyBytes), s.c.MaxBodyBytes)
	if err != nil {
		one.leave()
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return no(s.tooLarge())
	case errors.Is(err, os.ErrDeadlineExceeded):
		return no(refuse(http.StatusRequestTimeout, "TOO_SLOW", "the body did not come in time", "").hangUp())
	case errors.Is(err, errGaveWay), errors.Is(err, errBytes):
		return no(unread(err))
	case err != nil:
		return no(refuse(http.StatusBadRequest, "BROKEN_BODY", "the body ended early", "").hangUp())
	}
	_ = conn.SetReadDeadline(time.Time{}) // what follows waits for Kafka, and not for the sender
	return &delivery{header: r.Header, query: r.URL.Query(), body: body, at: time.Now()}, one.leave, nil
}

func (s *Server) tooLarge() answer {
	return refuse(http.StatusRequestEntityTooLarge, "TOO_LARGE",
		fmt.Sprintf("a delivery may have %d bytes", s.c.MaxBodyBytes), "deliver fewer events at a time").hangUp()
}

// unread: there was no room for a body.
func unread(err error) answer {
	cause := map[error]string{errReaders: "readers", errBytes: "bytes", errGaveWay: "gave_way"}[err]
	return busy(cause, err.Error()).hangUp()
}

// options reads the query. A name that is none is an error: a misspelt show would lose the room.
func (d *delivery) options(src *Sender) error {
	for name, values := range d.query {
		v := values[len(values)-1]
		switch {
		case name == "show" && !src.own:
			d.show = v
		case name == "esol" && !src.own:
			d.esol = v
		case name == "sku" && src.hasSKUs():
			d.sku = v == "true" || v == "1"
		default:
			return fmt.Errorf("%s has no option of this name in its URL; it may have %s", src.name, src.optionNames())
		}
	}
	if src.needsShow && d.show == "" {
		return fmt.Errorf("the events of %s name no show: give it as ?show=ID in the URL", src.name)
	}
	return nil
}

// id is the same when the same delivery comes again: the sender's own, or that of the bytes.
func (d *delivery) id(src *Sender) string {
	for _, name := range src.ids {
		if id := d.header.Get(name); id != "" {
			return src.name + "/" + id
		}
	}
	return src.name + "/" + hashOf(d.body)
}

func hashOf(b []byte) string {
	hash := sha256.Sum256(b)
	return hex.EncodeToString(hash[:16])
}

// sent is when the delivery was sent, as far as that is said, else when it came.
func (d *delivery) sent(src *Sender) time.Time {
	if at, err := time.Parse(time.RFC3339, d.header.Get(src.sentAt)); err == nil && src.sentAt != "" {
		return at
	}
	return d.at
}
