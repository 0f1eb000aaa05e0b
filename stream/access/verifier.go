package access

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

const (
	maxTokenBytes = 3800 // so that a hello with one fits its frame
	leeway        = 5 * time.Second
	maxSubject    = 256
)

// Verifier tells what a token grants.
type Verifier struct {
	keys   func() []Key   // in force now
	set    jwkset.Storage // nil: no URL
	parser *jwt.Parser
	most   time.Duration // longest time that a token may have left
}

func newVerifier(keys func() []Key, set jwkset.Storage, issuer, audience string, most time.Duration) *Verifier {
	options := []jwt.ParserOption{
		jwt.WithValidMethods([]string{"EdDSA", "ES256", "HS256"}), jwt.WithAudience(audience), jwt.WithExpirationRequired(),
		jwt.WithLeeway(leeway), jwt.WithStrictDecoding(),
	}
	if issuer != "" {
		options = append(options, jwt.WithIssuer(issuer))
	}
	return &Verifier{keys: keys, set: set, parser: jwt.NewParser(options...), most: most}
}

// Claims are those of a token.
type Claims struct {
	jwt.RegisteredClaims
	Netsu json.RawMessage `json:"netsu,omitempty"`
}

// Grant is the claim netsu.
type Grant struct {
	Scopes []string `json:"scopes"`
	Fields []string `json:"fields"`
	Ingest bool     `json:"ingest,omitempty"`
}

// Token verifies a token. The error is a *Refusal, and says nothing of what is in one that is not signed by a key of ours.
func (v *Verifier) Token(ctx context.Context, text string) (*Principal, error) {
	if len(text) > maxTokenBytes {
		return nil, unauthorised("TOKEN_TOO_LONG", fmt.Sprintf("a token has at most %d bytes", maxTokenBytes))
	}
	var c Claims
	if _, err := v.parser.ParseWithClaims(text, &c, func(t *jwt.Token) (any, error) { return v.key(ctx, t) }); err != nil {
		return nil, tokenRefusal(err)
	}
	return v.principal(&c)
}

var errKey = errors.New("no key of ours")

func (v *Verifier) key(ctx context.Context, t *jwt.Token) (any, error) {
	if _, critical := t.Header["crit"]; critical { // RFC 7515 §4.1.11: what is not understood must be refused
		return nil, errKey
	}
	id, ok := t.Header["kid"].(string)
	if _, named := t.Header["kid"]; named && !ok {
		return nil, errKey
	}
	if k, ok := find(v.keys(), id, t.Method.Alg()); ok {
		return k.Verify, nil
	}
	if v.set != nil {
		if k, ok := remote(ctx, v.set, id, t.Method.Alg()); ok {
			return k.Verify, nil
		}
	}
	return nil, errKey
}

func tokenRefusal(err error) *Refusal {
	switch {
	case errors.Is(err, jwt.ErrTokenMalformed):
		return unauthorised("TOKEN_MALFORMED", "this is not a token as RFC 7519 has it")
	case errors.Is(err, jwt.ErrTokenUnverifiable), errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return unauthorised("TOKEN_SIGNATURE", "the token is not signed by a key of this Netsu")
	case errors.Is(err, jwt.ErrTokenExpired):
		return unauthorised("TOKEN_EXPIRED", "the token has ended")
	case errors.Is(err, jwt.ErrTokenNotValidYet):
		return unauthorised("TOKEN_EARLY", "the token has not begun")
	case errors.Is(err, jwt.ErrTokenInvalidAudience):
		return unauthorised("TOKEN_AUDIENCE", "the token is for another audience")
	case errors.Is(err, jwt.ErrTokenInvalidIssuer):
		return unauthorised("TOKEN_ISSUER", "the token is of another issuer")
	}
	return unauthorised("TOKEN_CLAIMS", "the token lacks a claim: expected sub, aud, exp and netsu")
}

func (v *Verifier) principal(c *Claims) (*Principal, error) {
	if c.Subject == "" || len(c.Subject) > maxSubject {
		return nil, unauthorised("TOKEN_SUBJECT", fmt.Sprintf("expected sub to have 1 to %d bytes", maxSubject))
	}
	if left := time.Until(c.ExpiresAt.Time); left > v.most+leeway {
		return nil, unauthorised("TOKEN_LIFETIME", fmt.Sprintf("the token has more than %v left, which is the most here", v.most))
	}
	g, err := readGrant(c.Netsu)
	if err != nil {
		return nil, unauthorised("TOKEN_GRANT", "claim netsu: "+err.Error())
	}
	fields, err := ParseFields(g.Fields)
	if err != nil {
		return nil, unauthorised("TOKEN_FIELDS", err.Error())
	}
	if err := checkScopes(g.Scopes); err != nil {
		return nil, unauthorised("TOKEN_SCOPES", err.Error())
	}
	return &Principal{
		Subject: c.Issuer + "\n" + c.Subject, Scopes: g.Scopes, Fields: fields, Expires: c.ExpiresAt.Time, Ingest: g.Ingest,
	}, nil
}

// readGrant refuses what it does not know: a limit that is ignored is worse than none.
func readGrant(raw json.RawMessage) (g Grant, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&g); err != nil {
		return g, errors.New(`expected {"scopes":[…],"fields":[…]} and nothing else`)
	}
	if _, err := d.Token(); err != io.EOF {
		return g, errors.New("something stands after the object")
	}
	return g, nil
}

// Sign makes a token. Its claims are checked as Token would.
func Sign(k Key, c Claims, g Grant) (string, error) {
	if _, err := ParseFields(g.Fields); err != nil {
		return "", err
	}
	if err := checkScopes(g.Scopes); err != nil {
		return "", err
	}
	if k.Sign == nil {
		return "", errors.New("the key is a public one, which verifies and does not sign")
	}
	raw, err := json.Marshal(g)
	if err != nil {
		return "", err
	}
	c.Netsu = raw
	t := jwt.NewWithClaims(jwt.GetSigningMethod(k.Alg), c)
	if k.ID != "" {
		t.Header["kid"] = k.ID
	}
	text, err := t.SignedString(k.Sign)
	if err == nil && len(text) > maxTokenBytes {
		err = fmt.Errorf("the token would have %d bytes, and may have %d: name fewer scopes", len(text), maxTokenBytes)
	}
	return text, err
}
