package livemeter

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// SeriesQuery says which rows of the past are wanted: GET /v1/series.
type SeriesQuery struct {
	Scope string   // show/ID, esol/ID, campaign/ID or brand/ID
	Names []string // of series, as heat.gauge or gmv.JPY.net: 1 to 64
	Step  string   // 1s, 10s, 1m or 5m; "": 10s
	// From and To, excluded, are when rows begin. Zero: 360 steps up to now.
	From, To  time.Time
	Revisions bool // each of a row, and not only its latest
	Limit     int  // rows, to 10,000; 0: so many
}

// Series are rows of the past.
type Series struct {
	Scope    string     `json:"scope"`
	Step     string     `json:"step"`
	From     time.Time  `json:"from"`
	To       time.Time  `json:"to"`        // excluded
	Floor    *time.Time `json:"floor"`     // what lies before it is not kept any more; nil: nothing was dropped
	OpenFrom *time.Time `json:"open_from"` // rows from here on are not complete, and may change without a revision
	Columns  []Column   `json:"columns"`
	// Rows have a value for each column: a number, an amount as decimal text of minor units, or null.
	Rows [][]json.RawMessage `json:"rows"`
	Gaps []SeriesGap         `json:"gaps"` // rows may be missing in them
	Next *time.Time          `json:"next"` // the From of what follows; nil: this is all
}

// Column is what a column of the rows is.
type Column struct {
	Name     string  `json:"name"`
	Unit     string  `json:"unit"`
	Part     *string `json:"part"`     // nil: the time
	Currency *string `json:"currency"` // of amounts, and of what is counted or divided in one
	Exponent *int    `json:"exponent"` // of amounts: how many of the digits are minor
}

// SeriesGap is a time of which rows may be missing.
type SeriesGap struct {
	Part string     `json:"part"`
	From *time.Time `json:"from"` // nil: from the beginning, which is not known
	To   time.Time  `json:"to"`   // excluded
}

const (
	seriesWait = time.Minute
	maxSeries  = 64 << 20 // bytes of an answer
)

// Series asks for rows of the past, once. It needs no Run, but a token where the port has keys: a signed address is of the feed alone. What is asked for wrongly, or not granted, is a *NotTaken; what the feed
// cannot say now can be asked again.
//
//	q := livemeter.SeriesQuery{Scope: "show/S42", Names: []string{"gauge"}, Step: "1m", From: start}
//	for {
//		s, err := client.Series(ctx, q)
//		if err != nil {
//			return err
//		}
//		draw(s.Columns, s.Rows)
//		if s.Next == nil {
//			return nil
//		}
//		q.From = *s.Next
//	}
func (c *Client) Series(ctx context.Context, q SeriesQuery) (*Series, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.seriesAddress(q), nil)
	if err != nil {
		return nil, fmt.Errorf("asking for series: %w", err)
	}
	if c.c.Token != nil {
		token, err := c.c.Token(ctx)
		if err != nil {
			return nil, fmt.Errorf("getting a token: %w", err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
	}
	asks := c.c.HTTP
	if asks == nil {
		asks = &http.Client{Timeout: seriesWait}
	}
	res, err := asks.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking for series: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return nil, answered(err, res, c.c.Token != nil) // which closes it
	}
	defer res.Body.Close()
	s := &Series{}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxSeries)).Decode(s); err != nil {
		return nil, fmt.Errorf("reading series: %w", err)
	}
	return s, nil
}

// seriesAddress is that of the feed with another path. What a signed address has in its query is for the feed alone.
func (c *Client) seriesAddress(q SeriesQuery) string {
	u, err := url.Parse(c.address)
	if err != nil {
		panic("cannot happen: it was made by feedAddress: " + err.Error())
	}
	u.Scheme = "http" + strings.TrimPrefix(u.Scheme, "ws")
	u.Path = strings.TrimSuffix(u.Path, "feed") + "series"
	v := url.Values{"scope": {q.Scope}, "name": q.Names}
	for name, value := range map[string]string{"step": q.Step, "from": instant(q.From), "to": instant(q.To)} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if q.Revisions {
		v.Set("revisions", "all")
	}
	if q.Limit != 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	u.RawQuery = v.Encode()
	return u.String()
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
