package livemeter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Config says which feed, and who asks.
type Config struct {
	// URL is of the feed, or of the host that it is at: https://netsu.example is wss://netsu.example/v1/feed. The query of a
	// signed address may follow.
	URL string
	// Token is asked for a bearer token before each connection, so that one that has ended is followed by another. Nil: none is
	// sent. An error is logged, and tried again like a connection that fails.
	Token func(context.Context) (string, error)
	// Name tells the feed's people who this is, as acme-overlay/2.3; at most 100 bytes.
	Name string
	// Logger hears what goes wrong: lost connections, states that did not agree. Nil: slog.Default().
	Logger *slog.Logger
	// Dialer opens connections; nil: one that heeds the proxy that the environment names. A handshake has 10 s.
	Dialer *websocket.Dialer
	// HTTP asks for series. Nil: a client that heeds that proxy too, and gives an answer a minute.
	HTTP *http.Client
	// Frames is given every frame as it came, before it is obeyed. Reading waits for it. The bytes are its own only until it
	// returns. Nil: nobody.
	Frames func(frame []byte)
}

// Sub is what is wanted of a topic.
type Sub struct {
	Topic string // shows, show/ID, esol/ID, campaign/ID or brand/ID
	// Fields of the document, with dots between levels. Nil: all. Empty: none, and events alone.
	Fields []string
	// Basis is what the document is made in. It is another subscription than the same without.
	Basis Basis
	MaxHz float64 // how often its document comes at most, .01 to 10; 0: as it changes
	// From asks for a rehearsal: what the feed said of a show from then on, as often as its tape has it, so without Fields, MaxHz
	// and Basis. Its frames are of then. It ends with an Update (Over). After a lost connection it goes on from the age of the last
	// document. Zero: what is said now.
	From  time.Time
	Speed float64 // of a rehearsal, times as fast as it was, to 1000; 0: as fast
}

// Basis is a currency, a model of attribution, or both; the zero one is neither.
//
// In a currency, what is listed by currency is of that one alone, and deals are of what each earned in it; nothing is converted. A
// model is a condition: of a campaign that goes by another the subscription is Refused (BASIS_UNKNOWN), also when that begins later
// (BASIS_CHANGED).
type Basis struct {
	Currency string `json:"currency,omitempty"` // as JPY
	Model    string `json:"model,omitempty"`    // as the campaign's document has it: linear, shapley, … or none
}

func (s Sub) rehearses() bool { return !s.From.IsZero() }

// Kind is what an Update tells.
type Kind uint8

// The kinds of updates.
const (
	Document Kind = iota + 1 // the latest document; those that came between two may have been left out
	Event                    // a moment or a diagnosis: each once, in order
	Restate                  // a correction of money that was said before, likewise
	Gap                      // events may have been missed: GET /v1/alerts may have them
	Refused                  // the feed does not give this topic or watch, and Reason and Message say why
	Changed                  // the link; the latest
	Watched                  // what a watch's condition comes to: first, and each time that this is otherwise
	Over                     // a rehearsal has said its tape to the end
)

// Update is what the user is told.
type Update struct {
	Kind  Kind
	Sub   Sub   // none of Changed, and of watches
	Watch Watch // of Watched, and of Refused where a watch was

	// Data is a document as canonical JSON (RFC 8785), or of an event the event. It is the user's own. Nil: there is no such
	// document (yet, or any more), and Reason is not_yet or gone.
	Data   json.RawMessage
	Cursor string // where in the feed's logs
	// AsOf and Watermark are of a document: the age of its newest meter, and the event time that it is complete to; "" where
	// there is none.
	AsOf, Watermark string
	// Name is the kind of an event: ignition, hot_not_buying, … Reason is that of a restatement, of a document that is not there,
	// of a gap (too_old, foreign) or the code of a refusal, with Message.
	Name, Reason, Message string
	Link                  Link   // of Changed
	Answer                Answer // of Watched
}

// Client keeps subscriptions current over any number of connections.
type Client struct {
	c       Config
	address string
	log     *slog.Logger
	line    *line
	now     chan struct{} // room for one: do not wait any longer
	ended   chan struct{} // closed once Run returns

	mu     sync.Mutex
	subs   []*subscription // at most maxSubs, watches among them
	calls  []*call         // at most maxCalls
	link   Link
	open   *connection // nil: there is none
	nextID int64
}

// maxSubs bounds the subscriptions of a client. The feed has a bound of its own for a connection, 200 unless it is set otherwise.
const maxSubs = 1000

// New makes a client. It does not connect: Run does.
func New(c Config) (*Client, error) {
	address, err := feedAddress(c.URL)
	if err != nil {
		return nil, err
	}
	if len(c.Name) > 100 {
		return nil, errors.New("the client's name is longer than 100 bytes")
	}
	log := c.Logger
	if log == nil {
		log = slog.Default()
	}
	return &Client{c: c, address: address, log: log, line: newLine(), now: make(chan struct{}, 1), ended: make(chan struct{})}, nil
}

// feedAddress is the address of the websocket.
func feedAddress(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "", errors.New("the URL of the feed is not one such as https://netsu.example") // it may hold a signature: not said
	}
	switch u.Scheme {
	case "http", "ws":
		u.Scheme = "ws"
	case "https", "wss":
		u.Scheme = "wss"
	default:
		return "", errors.New("the URL of the feed begins with none of https, http, wss, ws")
	}
	if !strings.HasSuffix(u.Path, "/v1/feed") {
		u = u.JoinPath("v1/feed")
	}
	u.Fragment = ""
	return u.String(), nil
}

// maxSubBytes leaves room in a client's frame (4 KiB) for what it resumes from.
const maxSubBytes = 3000

// Subscribe asks for a topic, at once if there is a connection and else when there is. It may be called at any time, also by the
// user's function. What the feed thinks of it comes as an update.
func (c *Client) Subscribe(sub Sub) error {
	sub.Fields = slices.Clone(sub.Fields)
	return c.add(&subscription{Sub: sub})
}

// add takes in what is to be asked for.
func (c *Client) add(s *subscription) error {
	if text, err := json.Marshal(s.frame()); err != nil || len(text) > maxSubBytes {
		return errors.Join(err, fmt.Errorf("%.60s: what is asked of it is longer than %d bytes", s.Topic, maxSubBytes))
	}
	c.mu.Lock()
	if slices.ContainsFunc(c.subs, s.is) {
		c.mu.Unlock()
		return fmt.Errorf("%s is subscribed to with these fields in this basis already, or watched for this", s.Topic)
	}
	if len(c.subs) == maxSubs {
		c.mu.Unlock()
		return fmt.Errorf("a client has at most %d subscriptions and watches", maxSubs)
	}
	c.subs = append(c.subs, s)
	open := c.open
	c.mu.Unlock()
	if open != nil {
		open.ask()
	}
	return nil
}

// Unsubscribe lets go of a topic. No update of it follows.
func (c *Client) Unsubscribe(sub Sub) { c.remove(&subscription{Sub: sub}) }

func (c *Client) remove(like *subscription) {
	c.mu.Lock()
	i := slices.IndexFunc(c.subs, like.is)
	if i < 0 {
		c.mu.Unlock()
		return
	}
	s, open := c.subs[i], c.open
	number := s.number
	c.subs = slices.Delete(c.subs, i, i+1)
	s.off = true
	c.mu.Unlock()
	c.line.drop(s)
	if open != nil {
		open.letGo(s, number)
	}
}

// Retry ends the wait before the next connection: the network has come back, or a person asks for it. Where the client is not
// waiting it does nothing.
func (c *Client) Retry() { signal(c.now) }

// Link is how the client is connected now.
func (c *Client) Link() Link {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link
}

func (c *Client) linked(l Link) {
	c.mu.Lock()
	c.link = l
	c.mu.Unlock()
	c.line.latest(nil, Update{Kind: Changed, Link: l})
}

// Run keeps the client connected, and calls f with every update, until ctx ends (nil), f returns an error (that), or the feed
// says not to come back (*NotTaken). A client runs once.
func (c *Client) Run(ctx context.Context, f func(Update) error) error {
	defer close(c.ended)
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() {
		err := c.keep(ctx)
		c.line.end()
		ended <- err
	}()
	var refused error
	for {
		u, ok := c.line.take(ctx)
		if !ok {
			break
		}
		if refused = f(u); refused != nil {
			break
		}
	}
	cancel()
	err := <-ended
	if refused != nil {
		return refused
	}
	return err
}
