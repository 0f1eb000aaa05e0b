package feed

import (
	"net/http"
	"net/url"

	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event"
)

// overlay sends who comes with a show's signed address to the page, which opens the feed with the same query. It goes behind
// the # there: no server is sent that, and so none can log it, and no link tells it.
func (s *Server) overlay(w http.ResponseWriter, r *http.Request) {
	who, err := s.c.Guard.Who(r)
	if err != nil {
		s.turnAway(w, err)
		return
	}
	show := r.PathValue("show")
	if !who.Sees(event.Scope(event.ScopeShow, show), "") {
		access.Forbidden().Write(w)
		return
	}
	to := "../#/show/" + url.PathEscape(show)
	if s.c.Guard.Keyed() {
		to = "../#address=" + url.QueryEscape(r.URL.RawQuery)
	}
	h := w.Header()
	h.Set("Location", to)
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusSeeOther)
}
