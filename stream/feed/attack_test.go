package feed

import (
	"bytes"
	"compress/flate"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gorilla/websocket"

	"github.com/netsu/netsu/stream/access"
)

// TestNothingIsCompressedIn: a client that offers compression is not answered with it, and one that sends compressed frames all
// the same ends its own connection: no frame is ever inflated.
func TestNothingIsCompressedIn(t *testing.T) {
	withKeys(t, access.Limits{}, func(t *testing.T, r *rig, key access.Key) {
		header := http.Header{"Authorization": {"Bearer " + token(t, key, "p", []string{"*"}, []string{"*"})}}
		d := websocket.Dialer{NetDialContext: r.net.DialContext, EnableCompression: true}
		ws, res, err := d.Dial("ws://"+rigAddr+"/v1/feed", header)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Header.Get("Sec-Websocket-Extensions"); got != "" {
			t.Errorf("compression was agreed on: %s", got)
		}
		c := follow(ws)
		var bomb bytes.Buffer
		z, err := flate.NewWriter(&bomb, flate.BestCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := z.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
		if err := z.Flush(); err != nil {
			t.Fatal(err)
		}
		n := bomb.Len()
		frame := append([]byte{0xc1, 0x80 | 126, byte(n >> 8), byte(n), 0, 0, 0, 0}, bomb.Bytes()...) // FIN, RSV1, text; masked with 0
		_, _ = ws.NetConn().Write(frame)                                                              // fails once the head of the frame has been refused
		<-c.ended
		if !websocket.IsCloseError(c.err, websocket.CloseProtocolError) {
			t.Errorf("a compressed frame of 1 MiB in %d bytes: %v", n, c.err)
		}
		c.ws.Close()
	})
}

// TestFramesThatAreTooMuch: long ones end the connection; deep ones are refused, many of them too.
func TestFramesThatAreTooMuch(t *testing.T) {
	withKeys(t, access.Limits{}, func(t *testing.T, r *rig, key access.Key) {
		bearer := token(t, key, "p", []string{"*"}, []string{"*"})
		deep := func(n int) string {
			return `{"t":"sub","topic":` + strings.Repeat(`[`, n) + strings.Repeat(`]`, n) + `}`
		}
		for name, c := range map[string]struct {
			first bool // before anyone has said who it is
			frame string
			code  int
		}{
			"long":                {false, `{"t":"ping","id":` + strings.Repeat("1", maxFrameBytes) + `}`, websocket.CloseMessageTooBig},
			"long, by a stranger": {true, `{"t":"hello","token":"` + strings.Repeat("a", maxFrameBytes) + `"}`, 0},
			"deep":                {false, deep(1900), closeRefused.code},
			"deep, by a stranger": {true, deep(1900), closeStranger.code},
			"deep in resume":      {false, `{"t":"sub","topic":"shows","resume":` + strings.Repeat(`{"cursor":`, 300) + "1" + strings.Repeat(`}`, 300) + `}`, closeRefused.code},
			"deep in when":        {false, fmt.Sprintf(`{"t":"watch","topic":"show/S1","when":%q}`, strings.Repeat("(", 3000)), closeRefused.code},
		} {
			var cl *client
			if c.first {
				var err error
				if cl, _, err = r.open("", nil); err != nil {
					t.Fatal(err)
				}
			} else {
				cl = r.as(t, bearer)
			}
			for range maxRefused {
				if cl.ws.WriteMessage(websocket.TextMessage, []byte(c.frame)) != nil {
					break
				}
				synctest.Wait()
			}
			<-cl.ended
			if c.code != 0 && !websocket.IsCloseError(cl.err, c.code) {
				t.Errorf("%s: %v, %v", name, cl.err, cl.last("err").raw)
			}
			cl.ws.Close()
			synctest.Wait()
		}
	})
}

// TestNothingThatOpensAPortIsLogged: neither tokens nor signed addresses, whatever is wrong with them.
func TestNothingThatOpensAPortIsLogged(t *testing.T) {
	var log bytes.Buffer
	g, key := guarded(t, access.Limits{})
	s := served(t, Config{Guard: g, Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	good := token(t, key, "p", []string{"*"}, []string{"*"})
	wrong := good[:len(good)-4] + "AAAA"
	for _, path := range []string{"/v1/shows", "/v1/feed", "/v1/stream?topic=shows", "/overlay/S1?sig=SECRET", "/v1/feed?sig=SECRET", "/v1/shows?token=" + good} {
		for _, bearer := range []string{good, wrong, ""} {
			r := httptest.NewRequest("GET", path, nil)
			if bearer != "" {
				r.Header.Set("Authorization", "Bearer "+bearer)
			}
			w := httptest.NewRecorder()
			if !strings.HasPrefix(path, "/v1/stream") || bearer != good { // that would not end
				s.Handler().ServeHTTP(w, r)
			}
			for _, part := range []string{strings.Split(good, ".")[1], "SECRET", testSecret} {
				if strings.Contains(log.String(), part) || strings.Contains(w.Body.String(), part) {
					t.Fatalf("%s with %.10s… says %.10s…: %s %s", path, bearer, part, log.String(), w.Body)
				}
			}
		}
	}
}

// TestCrossBrand: with one campaign of one brand, nothing of the other brand, its campaigns or any show, by any road.
func TestCrossBrand(t *testing.T) {
	withKeys(t, access.Limits{}, func(t *testing.T, r *rig, key access.Key) {
		r.apply(moneyMeter("campaign/autumn", 100), moneyMeter("campaign/rival", 4711), moneyMeter("brand/rival", 4711), moneyMeter("brand/acme", 100))
		c := r.as(t, token(t, key, "acme", []string{"campaign/autumn", "brand/acme"}, []string{"*"}))
		defer c.close()
		for _, topic := range []string{"campaign/rival", "brand/rival", "show/S1", "esol/hana", "shows", "campaign/*", "brand/*", "*",
			"campaign/autumn/../rival", "campaign/autumn\x00", "Campaign/autumn", "campaign/autumn "} {
			for _, frame := range []string{
				`{"t":"sub","id":1,"topic":%q}`, `{"t":"sub","id":1,"topic":%q,"fields":[]}`, `{"t":"watch","id":1,"topic":%q,"when":"as_of == null"}`,
				`{"t":"sub","id":1,"topic":%q,"resume":{"cursor":"x"}}`,
			} {
				synctest.Wait()
				c.mu.Lock()
				c.frames = nil
				c.mu.Unlock()
				if err := c.ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, frame, topic)); err != nil {
					break // too many frames were refused
				}
				synctest.Wait()
				for _, f := range c.all() {
					if f.T != "err" && f.T != "bye" {
						t.Errorf("%s %s: %s", topic, frame, f.raw)
					}
				}
			}
			c.ws.Close()
			<-c.ended
			c = r.as(t, token(t, key, "acme", []string{"campaign/autumn", "brand/acme"}, []string{"*"}))
		}
		c.subscribe("campaign/autumn", "")
		if c.part("campaign/autumn", "money") == "" {
			t.Error("what is granted is not given")
		}
	})
}
