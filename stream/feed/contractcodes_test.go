package feed

import (
	"go/ast"
	"go/parser"
	source "go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Where a code may be said.
const (
	onHTTP = 1 << iota
	onFrames
	onBye
)

// code is a word that programs go by.
type code struct {
	name    string
	on      int
	meaning string
}

// codes are all of them: a new one is added here.
var codes = []code{
	{"ADDRESS_EXPIRED", onHTTP, "the signed address has ended"},
	{"ADDRESS_LIFETIME", onHTTP, "the signed address is of a longer time than this Netsu takes"},
	{"ADDRESS_SIGNATURE", onHTTP, "the signed address is not of this Netsu, or was changed"},
	{"ALREADY_SUBSCRIBED", onFrames, "this connection has a sub of that topic, those fields and that basis; unsub it first"},
	{"BAD_CONDITION", onFrames, "the condition of a watch cannot be read; the message says where"},
	{"BAD_EVENT", onHTTP, "nothing of the delivery can be mapped; the message says why"},
	{"BAD_FIELD", onFrames, "a field of the frame has a value that cannot be"},
	{"BAD_FRAME", onFrames, "not one JSON object in UTF-8 text"},
	{"BAD_PARAMETER", onHTTP, "a parameter is missing, or has a value that cannot be"},
	{"BAD_URL", onHTTP, "the sender was told another address"},
	{"BASIS_CHANGED", onFrames, "the campaign goes by another model than the sub's basis: the sub has ended; subscribe again, with the new one or none"},
	{"BASIS_UNKNOWN", onFrames, "there is no document by that model of attribution; the message says by which there is one"},
	{"BROKEN_BODY", onHTTP, "the body ended early; send it again"},
	{"BUSY", onHTTP, "more deliveries than are taken at once; send it again, twice counts once"},
	{"CATCHING_UP", onHTTP | onFrames, "meters are still being read; come back in a moment"},
	{"ENCODED", onHTTP, "the body is compressed, and must not be"},
	{"EXPIRED", onBye, "the token has ended; come back with another"},
	{"FORBIDDEN", onHTTP | onFrames, "not granted, or not there: the two are not told apart"},
	{"GOING_AWAY", onHTTP | onBye, "the server stops or restarts; connect again"},
	{"HANDSHAKE", onHTTP, "the request does not open a websocket, or its origin is not allowed"},
	{"INTERNAL", onHTTP | onFrames, "a defect of the server, which its log tells more of"},
	{"MISSING_FIELD", onFrames, "the frame lacks a field"},
	{"NO_PONG", onBye, "no sign of life for too long; connect again"},
	{"NO_SECRET", onHTTP, "the secrets of the source cannot be read; send it again later"},
	{"NO_TAPE", onHTTP | onFrames, "there is no tape of the topic in that time, or no tapes are kept"},
	{"NO_TOKEN", onHTTP | onFrames | onBye, "the port asks for a token"},
	{"NOT_FOUND", onHTTP, "nothing is known of it, or there is no such path"},
	{"NOT_SUBSCRIBED", onFrames, "the connection has no such sub"},
	{"NOT_WATCHED", onFrames, "the connection has no such watch"},
	{"NOT_WRITTEN", onHTTP, "Kafka refused to take the delivery; send it again later"},
	{"OVERLOADED", onHTTP | onFrames | onBye, "the server has as many connections, or subs, as it may"},
	{"RATE", onBye, "too many frames, sustained; the welcome has the limits. Connect again, later"},
	{"REFUSED", onBye, "too many frames that were refused: the client is wrong, and should not connect again"},
	{"REVOKED", onFrames, "what was granted because of its ESOL or brand is another's now: the sub or watch has ended"},
	{"SLOW", onBye, "events were waiting and found no room; connect again, for less"},
	{"TEXT_ONLY", onBye, "frames are text: the client is wrong, and should not connect again"},
	{"TOKEN_AUDIENCE", onHTTP | onFrames, "the token is for somebody else's port"},
	{"TOKEN_CLAIMS", onHTTP | onFrames, "a claim of the token is missing or not what it should be"},
	{"TOKEN_EARLY", onHTTP | onFrames, "the token is not yet in force"},
	{"TOKEN_EXPIRED", onHTTP | onFrames, "the token has ended"},
	{"TOKEN_FIELDS", onHTTP | onFrames, "the token grants fields that do not exist"},
	{"TOKEN_GRANT", onHTTP | onFrames, "the token's claim netsu cannot be read"},
	{"TOKEN_IN_ADDRESS", onHTTP, "a token in an address ends up in logs, and is not taken"},
	{"TOKEN_ISSUER", onHTTP | onFrames, "the token is of another issuer"},
	{"TOKEN_LIFETIME", onHTTP | onFrames, "the token is in force for longer than this Netsu takes"},
	{"TOKEN_MALFORMED", onHTTP | onFrames, "not a token"},
	{"TOKEN_SCOPES", onHTTP | onFrames, "the token grants scopes that cannot be"},
	{"TOKEN_SIGNATURE", onHTTP | onFrames, "the token is not signed by a key of this Netsu"},
	{"TOKEN_SUBJECT", onHTTP | onFrames, "the token does not say whose it is"},
	{"TOKEN_TAKEN", onFrames, "a connection is of one token, from its beginning to its end"},
	{"TOKEN_TOO_LONG", onHTTP | onFrames, "the token has more bytes than are read"},
	{"TOO_LARGE", onHTTP, "the body is larger than is taken in"},
	{"TOO_MANY_BASES", onFrames, "the topic is had in as many bases as it may; subscribe without one, or later"},
	{"TOO_MANY_CONNECTIONS", onHTTP | onFrames | onBye, "the token's subject has as many connections as it may"},
	{"TOO_MANY_FAILURES", onHTTP | onFrames, "too many tokens from this address were refused; wait"},
	{"TOO_MANY_MESSAGES", onHTTP, "too many requests and frames of the token's subject; ask less often"},
	{"TOO_MANY_STRANGERS", onHTTP, "too many connections from this address that have not said whose they are"},
	{"TOO_MANY_SUBS", onFrames, "the connection, or the token's subject, has as many subs as it may"},
	{"TOO_MANY_WATCHES", onFrames, "the connection has as many watches as it may"},
	{"TOO_SLOW", onHTTP, "the body did not come in time"},
	{"TWO_TOKENS", onHTTP, "the request says in more than one way whose it is"},
	{"UNKNOWN_FIELD", onHTTP | onFrames, "the frame or the document has no such field; the message lists what it has"},
	{"UNKNOWN_FRAME", onFrames, "t is none of the client's frames"},
	{"UNKNOWN_NAME", onHTTP, "the scope has no such series"},
	{"UNKNOWN_PARAMETER", onHTTP, "the path has no such parameter"},
	{"UNKNOWN_SOURCE", onHTTP, "the gateway takes nothing in from there"},
	{"UNKNOWN_TOPIC", onHTTP | onFrames, "no topic can have that name"},
	{"UNSIGNED", onHTTP, "the delivery is not signed with a secret of its source"},
	{"WRONG_HOST", onHTTP, "the port is open to its machine only, and was asked for under another name"},
	{"WRONG_SCHEME", onHTTP, "the header Authorization has another scheme than Bearer"},
}

// codesOf are those that are said in a place, for a schema.
func codesOf(said func(code) bool) []any {
	var all []any
	for _, c := range codes {
		if said(c) {
			all = append(all, map[string]any{"const": c.name, "description": c.meaning})
		}
	}
	return all
}

// notCodes are words that look like codes, and are none that a client is told.
var notCodes = []string{
	"HS256", "ES256", // algorithms
	"GONE", "WRITE_FAILED", // ends of connections that nobody is told of: labels of metrics
}

// Every code in the source of those who answer is in the list, and nothing else is.
func TestCodesAreThoseOfTheSource(t *testing.T) {
	looksLike := regexp.MustCompile(`^[A-Z][A-Z0-9_]{2,}[A-Z0-9]$`)
	inSource := map[string]bool{}
	for _, dir := range []string{".", "../access", "../history", "../gateway"} {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatal(dir, err)
		}
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(source.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == source.STRING {
					if s, err := strconv.Unquote(lit.Value); err == nil && looksLike.MatchString(s) && !slices.Contains(notCodes, s) {
						inSource[s] = true
					}
				}
				return true
			})
		}
	}
	listed := map[string]bool{}
	for _, c := range codes {
		listed[c.name] = true
		if !inSource[c.name] {
			t.Errorf("%s is in the list, and in no source", c.name)
		}
	}
	for name := range inSource {
		if !listed[name] {
			t.Errorf("%s is in the source, and not in the list: say what it means to a client", name)
		}
	}
}
