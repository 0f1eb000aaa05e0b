package access

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/netsu/netsu/stream/event"
)

// Board is the scope of the board, which is of all shows.
const Board = "shows"

// Principal is somebody who may read some things. It does not change.
type Principal struct {
	// Subject is whose share of the port is used up; "": nobody's, without limits.
	Subject string
	Scopes  []string // patterns: *, kind/*, kind/ID
	Fields  Fields
	Expires time.Time // zero: never
	Ingest  bool      // may send events
	// address is of a signed address, which opens one scope's feed.
	address bool
}

// anyone is who everybody is at an open port.
var anyone = &Principal{Scopes: []string{"*"}, Fields: All, Ingest: true}

// maxScopes bounds the scopes of a token.
const maxScopes = 100

var kinds = []string{event.ScopeShow, event.ScopeEsol, event.ScopeCampaign, event.ScopeBrand}

// checkScopes refuses patterns that could be misread.
func checkScopes(scopes []string) error {
	if len(scopes) == 0 || len(scopes) > maxScopes {
		return fmt.Errorf("%d scopes: expected 1 to %d", len(scopes), maxScopes)
	}
	for _, s := range scopes {
		if s == "*" {
			continue
		}
		kind, id, ok := strings.Cut(s, "/")
		switch {
		case !ok || id == "" || !slices.Contains(kinds, kind) || len(s) > 256 || !utf8.ValidString(s):
			return fmt.Errorf("scope %.80q is not known: expected show/ID, esol/ID, campaign/ID, brand/ID, kind/* or *", s)
		case id != "*" && strings.Contains(id, "*"):
			return fmt.Errorf("scope %.80q has a wildcard within: only kind/* and * are", s)
		}
	}
	return nil
}

// Sees tells whether a scope is granted: by its name, by a wildcard, or, of a show, by the ESOL whose it is ("": not known).
func (p *Principal) Sees(scope, esol string) bool {
	if scope == Board {
		return p.grants("show/*")
	}
	return p.grants(scope) || esol != "" && strings.HasPrefix(scope, "show/") && p.grants("esol/"+esol)
}

// grants tells whether one of the patterns covers a scope, or a pattern.
func (p *Principal) grants(scope string) bool {
	kind, _, _ := strings.Cut(scope, "/")
	for _, s := range p.Scopes {
		if s == "*" || s == scope || s == kind+"/*" {
			return true
		}
	}
	return false
}

// Everything tells whether nothing is kept from the principal.
func (p *Principal) Everything() bool { return slices.Contains(p.Scopes, "*") && p.Fields == All }
