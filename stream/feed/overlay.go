package feed

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event"
)

// overlay serves a show's overlay, which opens the feed with the query of its own address: to who comes with the show's signed
// address, or where everything is open. The page says nothing that is not for all; an address that would be refused there is
// told so here, where somebody reads it: as a page to a browser source, which would show JSON as it is.
func (s *Server) overlay(page http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, err := s.c.Guard.Who(r)
		if err == nil && !who.Sees(event.Scope(event.ScopeShow, r.PathValue("show")), "") {
			err = access.Forbidden()
		}
		switch {
		case err == nil:
			page.ServeHTTP(w, r)
		case strings.Contains(r.Header.Get("Accept"), "text/html"):
			s.metrics.refusedConns.WithLabelValues("access").Inc()
			refuseOverlay(w, err.(*access.Refusal))
		default:
			s.turnAway(w, err)
		}
	}
}

// refusedOverlay stands over the picture, so it is small, of nothing but text on a plate, and still. It holds nothing of what was
// asked for.
const refusedOverlay = `<!doctype html>
<html lang="ja">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Netsu overlay</title>
<style>
html { background: transparent; color-scheme: normal }
body { margin: 0 }
main { display: inline-block; max-width: 26rem; margin: 1rem; padding: .75rem 1rem; border-radius: .5rem;
  background: #14100ee6; color: #fff; font: 1rem/1.5 system-ui, sans-serif }
h1 { margin: 0; font-size: 1rem }
p { margin: .25rem 0 0; font-size: .875rem }
</style>
<main>
<h1>%s</h1>
<p>Netsu の管理者に新しいアドレスを依頼してください。</p>
<p lang="en">%s Ask whoever runs this Netsu for another address (netsu token address).</p>
</main>
</html>
`

// refusedWords say the codes of an address that are of use to who put it there; the others are told alike.
var refusedWords = map[string][2]string{
	"ADDRESS_EXPIRED": {"オーバーレイのアドレスの有効期限が切れました", "The address of this overlay has ended."},
	"NO_TOKEN":        {"このオーバーレイには署名付きのアドレスが必要です", "This overlay needs a signed address."},
}

func refuseOverlay(w http.ResponseWriter, no *access.Refusal) {
	said, ok := refusedWords[no.Code]
	if !ok {
		said = [2]string{"オーバーレイのアドレスが無効です", "The address of this overlay is not in force."}
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.WriteHeader(no.Status)
	_, _ = fmt.Fprintf(w, refusedOverlay, said[0], said[1]) // the client is gone, and nobody else is to be told
}
