package access

import (
	"context"
	"net/http"
	"strings"

	"github.com/gorilla/websocket"
)

// Guard decides who gets in at a port, and what is theirs. All its methods may be called at once, and of a nil Guard, which
// lets everyone read everything.
type Guard struct {
	// Owner tells whose a scope is, "" where that is not known or there is no such thing: it makes a show (esol/ID) part of what
	// its ESOL's grant covers, and a campaign (brand/ID) of its brand's. Set it before the port opens.
	Owner func(scope string) (owner string)

	verifier *Verifier // nil: open
	local    bool      // open because only this machine reaches it
	origins  []string
	limits   *accounts
	failures *failures
	metrics  *metrics // nil: nothing is counted
}

// Keyed tells whether the port asks for tokens.
func (g *Guard) Keyed() bool { return g != nil && g.verifier != nil }

// NoToken tells whether an error of Who is that the request says nothing of whose it is.
func NoToken(err error) bool { return err == error(errNoToken) }

// Who tells whose request it is. The error is a *Refusal.
func (g *Guard) Who(r *http.Request) (*Principal, error) {
	p, err := g.who(r)
	if err != nil && !NoToken(err) { // a websocket may say so in its hello
		g.metrics.refuse(err)
	}
	return p, err
}

func (g *Guard) who(r *http.Request) (*Principal, error) {
	switch {
	case g == nil:
		return anyone, nil
	case g.verifier == nil && g.local && !g.hostAllowed(r.Host):
		return nil, errHost
	case g.verifier == nil:
		return anyone, nil
	}
	if q := r.URL.Query(); q.Has("token") || q.Has("access_token") {
		return nil, errQueryToken
	}
	given, err := credentials(r)
	if err != nil {
		return nil, err
	}
	return g.try(r.RemoteAddr, func() (*Principal, error) {
		if given == "" {
			return g.verifier.address(r.URL.Query())
		}
		return g.verifier.Token(r.Context(), given)
	})
}

// Introduce tells who a token of a first hello is.
func (g *Guard) Introduce(remote, token string) (*Principal, error) {
	p, err := g.try(remote, func() (*Principal, error) { return g.verifier.Token(context.Background(), token) })
	g.metrics.refuse(err)
	return p, err
}

// try verifies, unless too much from the same address failed.
func (g *Guard) try(remote string, verify func() (*Principal, error)) (*Principal, error) {
	from := AddressOf(remote)
	if !g.failures.may(from) {
		return nil, errFailures
	}
	p, err := verify()
	if err != nil {
		g.failures.count(from)
	}
	return p, err
}

// credentials is the request's token; "" where it has a signed address instead. Two are refused: which one counts would be
// anyone's guess.
func credentials(r *http.Request) (string, error) {
	var found []string
	for _, h := range r.Header.Values("Authorization") {
		scheme, token, _ := strings.Cut(h, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return "", unauthorised("WRONG_SCHEME", "expected Authorization: Bearer TOKEN")
		}
		found = append(found, strings.TrimSpace(token))
	}
	for _, p := range websocket.Subprotocols(r) {
		if token, ok := strings.CutPrefix(p, bearerProtocol); ok {
			found = append(found, token)
		}
	}
	signed := r.URL.Query().Has("sig")
	switch {
	case len(found) > 1 || len(found) == 1 && signed:
		return "", errTwoTokens
	case len(found) == 1 && found[0] != "":
		return found[0], nil
	case len(found) == 0 && signed:
		return "", nil
	}
	return "", errNoToken
}

// bearerProtocol begins the websocket subprotocol that is a token: a browser's socket can send no header.
const bearerProtocol = "bearer."

// Permits tells whether p may read those fields of a scope. The refusal is the same whether the scope exists or not.
func (g *Guard) Permits(p *Principal, scope string, need Fields) error {
	if !p.Reads(scope, g.owner(scope), need) {
		return errForbidden
	}
	return nil
}

func (g *Guard) owner(scope string) string {
	if g == nil || g.Owner == nil {
		return ""
	}
	return g.Owner(scope)
}

type contextKey struct{}

// From is the principal that Identify found; nil outside of it, which may do nothing.
func From(ctx context.Context) *Principal {
	p, _ := ctx.Value(contextKey{}).(*Principal)
	return p
}

// Identify lets in who has a token that is in force, and counts the request. What it may read, next asks.
func (g *Guard) Identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := g.Who(r)
		if NoToken(err) {
			g.metrics.refuse(err)
		}
		if err == nil && p.address { // for the feed of its scope only
			err = errForbidden
		}
		if err == nil {
			err = g.count(p)
		}
		if err != nil {
			err.(*Refusal).Write(w)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, p)))
	})
}

// Require lets in who may read those fields of the scope that a request is about: a handler wrapped with it need not ask.
func (g *Guard) Require(scope func(*http.Request) string, need func(*http.Request) Fields, next http.Handler) http.Handler {
	return g.Identify(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.Permits(From(r.Context()), scope(r), need(r)); err != nil {
			err.(*Refusal).Write(w)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// RequireIngest lets in who may send events.
func (g *Guard) RequireIngest(next http.Handler) http.Handler {
	return g.Identify(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !From(r.Context()).Ingest {
			errForbidden.Write(w)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// RequireEverything lets in from whom nothing is kept.
func (g *Guard) RequireEverything(next http.Handler) http.Handler {
	return g.Identify(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !From(r.Context()).Everything() {
			errForbidden.Write(w)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// Forbidden is the refusal of what is not granted or does not exist.
func Forbidden() *Refusal { return errForbidden }
