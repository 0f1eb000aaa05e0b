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
	// beside is what the goal of an overlay's address grants: of another scope, and other fields. Nil: nothing.
	beside *Principal
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

// owners are the kinds of scopes a grant of which covers what is theirs: an ESOL's shows, a brand's campaigns.
var owners = map[string]string{event.ScopeShow: event.ScopeEsol, event.ScopeCampaign: event.ScopeBrand}

// Sees tells whether a scope is granted: by its name, by a wildcard, or by the scope whose it is (esol/ID of a show, brand/ID of
// a campaign; "": not known). A scope of another kind owns nothing.
func (p *Principal) Sees(scope, owner string) bool { return p.Of(scope, owner) != nil }

// Reads tells whether those fields of a scope may be read.
func (p *Principal) Reads(scope, owner string, need Fields) bool {
	by := p.Of(scope, owner)
	return by != nil && by.Fields.Has(need)
}

// Of is who p is to a scope: itself, or what its address has beside; nil where it is not granted.
func (p *Principal) Of(scope, owner string) *Principal {
	switch {
	case p.sees(scope, owner):
		return p
	case p.beside != nil && p.beside.sees(scope, owner):
		return p.beside
	}
	return nil
}

func (p *Principal) sees(scope, owner string) bool {
	if scope == Board {
		return p.grants("show/*")
	}
	if p.grants(scope) {
		return true
	}
	kind, _, _ := strings.Cut(scope, "/")
	by, id, _ := strings.Cut(owner, "/")
	return id != "" && by == owners[kind] && p.grants(owner)
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
