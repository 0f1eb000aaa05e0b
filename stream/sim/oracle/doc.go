// Package oracle says what the meters should be: from the list of raw events, all in memory, in the plainest way.
package oracle
