package history

import (
	"net/http"

	"github.com/netsu/netsu/stream/access"
)

// fieldsOf are the kinds of fields that the series of a part are of: those of the part of the document that says the same.
var fieldsOf = map[string]access.Fields{
	partRoom: access.Room, partInsight: access.Insight,
	partMoney: access.Money, partReturns: access.Money, partCost: access.Money,
}

// Needs are the kinds of fields that a request for series asks for: all that its names are of. A name that nobody knows needs
// none, since nothing is answered with it but that it is not known. A part that is not in the table needs all there are.
func Needs(r *http.Request) (need access.Fields) {
	for _, name := range r.URL.Query()["name"] {
		c, ok := parseName(name)
		if !ok {
			continue
		}
		of, known := fieldsOf[c.series.part]
		if !known {
			of = access.All
		}
		need |= of
	}
	return need
}
