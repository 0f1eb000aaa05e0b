package feed

import (
	"net/http"

	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event"
)

// overlay serves a show's overlay, which opens the feed with the query of its own address: to who comes with the show's signed
// address, or where everything is open. The page says nothing that is not for all; an address that would be refused there is
// told so here, where somebody reads it.
func (s *Server) overlay(page http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		who, err := s.c.Guard.Who(r)
		if err != nil {
			s.turnAway(w, err)
			return
		}
		if !who.Sees(event.Scope(event.ScopeShow, r.PathValue("show")), "") {
			access.Forbidden().Write(w)
			return
		}
		page.ServeHTTP(w, r)
	}
}
