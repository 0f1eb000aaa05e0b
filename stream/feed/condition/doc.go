// Package condition is a question about a document that has an answer of three: yes, no, or not known.
//
//	"returns.JPY.pace.probability < 0.5 && money.orders_total >= 20"
//	        │ Parse: against the type of the document, so that a path that cannot be is refused
//	        ▼
//	   Condition ──Holds(document)──▶ True, False or Unknown, with the values that it rests on
//
// A path has names with a dot between them. Below a list whose elements have a key (a union, stream/feed/delta), the next name
// is an element's key; a name that is not a plain word is written in quotes: deals."esol/7".net.minor. Comparisons are >, >=,
// <, <=, == and !=, with a number, a text, true, false or null on their right; they combine by && and ||, ! and brackets.
//
// What is null in a document is not known, and neither is what is not there; so is every comparison with it, except == null
// and != null. not known && no is no, not known || yes is yes, and otherwise not known stays not known (Kleene's logic): a
// condition never holds because something is missing.
//
// Amounts of money are texts of whole numbers, and are compared to numbers exactly, without a float.
//
// It does not compute: what can be asked is what a document says.
package condition
