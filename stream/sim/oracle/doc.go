// Package oracle says what the meters should be: from the list of raw events, all in memory, in the plainest way.
//
//	raw records, in order of arrival ──▶ Decode ──▶ Add ──▶ Views(show, pane), Trend(show, pane), Money(scope)
//
// It is written from the rules alone (MODEL §0, §1 and §5, DESIGN §2 to §5), shares no code with the folds, and keeps
// every event it was given, so it can look back as far as a rule asks. It is slow on purpose: a room is computed anew
// from its first pane, a window is summed anew for every pane. What agrees with it agrees with the rules as read here.
//
// Where the rules leave something open, the choice is a field of Rules with the reading taken in its comment.
//
// It does not model: campaigns with an attribution model, which share orders among touches (operators/journey has a
// plain reading of those of its own); the end of a show and what is deleted after a day, the bounds on remembered
// heads, texts and orders (give it rooms within them), alerts, and the emission of meters.
package oracle
