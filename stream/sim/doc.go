// Package sim makes shows that never happened, for demos, load and tests: raw JSON records as producers would write
// them, with a known truth beside them.
//
//	Spec (people, rates, products, acts) ──▶ events in event time ──▶ the wire ──▶ Next, in order of arrival
//	                                          branching chat             delays, duplicates,
//	                                          click → cart → order       late and bad records
//
// A room is a branching process: people come with what they say by chance (immigrants), and what is said draws answers,
// some of them the same words again, with a mean of Spec.Branching answers each, at exponential delays. Acts of the
// ESOL (a pin, a call) and of the world (a raid, a quiet spell) change the rates. Buying follows a pin or a call:
// click, cart, checkout, order, payment, and for some a refund or a cancellation.
//
// Invariants: the same Config gives the same bytes in the same order, whatever the speed of reading; each show draws
// from its own random source, so a show is the same with or without its neighbours, and the wire's faults change no
// event. What is held is what is still to come: a few minutes of consequences per show. Truth counts what Next has
// handed out.
//
// It is a source of traffic, not a model of people: no number that it gives says anything about real shows.
package sim
