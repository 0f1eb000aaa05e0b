// Package access decides who may read what at Netsu's HTTP port.
//
//	Authorization: Bearer ─┐                     ┌─ keys file: JWK Set, PEM, secret; read when it changes
//	subprotocol bearer.… ──┼─▶ Guard ─▶ Verifier ┤                                     ┌─▶ Permits(scope, fields)
//	token of a hello ──────┤    │                └─ JWK Set by URL, read each minute   │
//	signed address ────────┘    └─▶ Principal: subject, scopes, fields, expiry ────────┴─▶ Admit: its share of the port
//
// A token is a JWT (EdDSA, ES256 or HS256) with sub, exp, the audience of the settings and, where one is set, the issuer,
// and beside them a claim netsu:
//
//	{"scopes": ["show/S42","esol/hana","campaign/autumn","brand/acme","esol/*","*"],
//	 "fields": ["room","money","insight"],    or ["*"]: all that there is, and will be
//	 "ingest": true}                          may send events; nothing else implies it
//
// esol/x grants what is known of the ESOL and of her shows, as long as they are hers; brand/x likewise the brand's own document
// and its campaigns, by what their latest meters say, and not the shows that sell it: those sell others too. show/* also
// grants the board. A wildcard is * or kind/*; any other is refused, as is a scope, a field or a member of the claim that is
// not known: who signs a token learns that it does not say what was meant.
//
// A signed address is for an overlay that can hold no token: one scope, some fields, until a time, under an HS256 key of the
// keys file. It opens that scope's feed and nothing else, and with a goal beside a campaign's on the same connection.
//
// Invariants. What is not granted is refused, and the same words refuse what does not exist. A key verifies the one algorithm
// that its kind and curve has, whatever a token's header says. Every token ends, and not later than the longest time of the
// settings; a connection ends with its token. Macs are compared in constant time. Neither tokens nor signed addresses are
// logged, nor put into an error. Memory is bounded: accounts of idle principals, addresses that failed, keys, bytes of a token.
//
// It does not log people in, issue tokens over HTTP, or revoke one before its end: take its key out of the file or the set
// (the file is looked at each second, the set each minute; a connection that is open stays so until its token ends), and keep
// tokens short.
package access
