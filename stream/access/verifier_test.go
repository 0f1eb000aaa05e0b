package access

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// testKeys has one key of each kind.
func testKeys(t *testing.T) map[string]Key {
	t.Helper()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]Key{}
	for id, key := range map[string]any{"EdDSA": ed, "ES256": ec, "HS256": []byte(strings.Repeat("s", 32))} {
		if keys[id], err = newKey(id, key); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

func verifierOf(keys map[string]Key) *Verifier {
	var all []Key
	for _, k := range keys {
		all = append(all, k)
	}
	return newVerifier(func() []Key { return all }, nil, "https://issuer.example", DefaultAudience, time.Hour)
}

// raw signs any header and any claims, right or wrong.
func raw(t *testing.T, method jwt.SigningMethod, key any, header map[string]any, claims map[string]any) string {
	t.Helper()
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	text := part(header) + "." + part(claims)
	sig, err := method.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(sig)
}

// good are claims that are taken; with changes a few of them.
func good(changes map[string]any) map[string]any {
	c := map[string]any{
		"iss": "https://issuer.example", "aud": "netsu", "sub": "acme", "exp": time.Now().Add(time.Minute).Unix(),
		"netsu": map[string]any{"scopes": []string{"show/S42"}, "fields": []string{"room"}},
	}
	for name, v := range changes {
		if c[name] = v; v == nil {
			delete(c, name)
		}
	}
	return c
}

func codeOf(err error) string {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return fmt.Sprint(err)
}

func TestTokensOfEachKindAreTaken(t *testing.T) {
	keys := testKeys(t)
	v := verifierOf(keys)
	for alg, k := range keys {
		text := raw(t, jwt.GetSigningMethod(alg), k.Sign, map[string]any{"alg": alg, "kid": alg}, good(nil))
		p, err := v.Token(t.Context(), text)
		if err != nil {
			t.Fatalf("%s: %v", alg, err)
		}
		if p.Subject != "https://issuer.example\nacme" || !p.Sees("show/S42", "") || p.Sees("show/S43", "") || p.Fields != Room || p.Ingest {
			t.Errorf("%s: %+v", alg, p)
		}
	}
}

func TestForgedTokensAreRefused(t *testing.T) {
	keys := testKeys(t)
	v := verifierOf(keys)
	other := testKeys(t)
	public, err := x509.MarshalPKIXPublicKey(keys["ES256"].Verify)
	if err != nil {
		t.Fatal(err)
	}
	publicPEM := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	hs, es := jwt.SigningMethodHS256, jwt.SigningMethodES256
	whole := raw(t, hs, keys["HS256"].Sign, map[string]any{"alg": "HS256", "kid": "HS256"}, good(nil))
	parts := strings.Split(whole, ".")
	swapped := base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"https://issuer.example","aud":"netsu","sub":"root","exp":9999999999,"netsu":{"scopes":["*"],"fields":["*"]}}`))
	for name, c := range map[string]struct{ text, code string }{
		"none":                   {raw(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, map[string]any{"alg": "none"}, good(nil)), "TOKEN_SIGNATURE"},
		"none, of a kid":         {raw(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, map[string]any{"alg": "none", "kid": "HS256"}, good(nil)), "TOKEN_SIGNATURE"},
		"None":                   {raw(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, map[string]any{"alg": "None", "kid": "HS256"}, good(nil)), "TOKEN_SIGNATURE"},
		"public key as secret":   {raw(t, hs, publicPEM, map[string]any{"alg": "HS256", "kid": "ES256"}, good(nil)), "TOKEN_SIGNATURE"},
		"public bytes as secret": {raw(t, hs, []byte(keys["EdDSA"].Verify.(ed25519.PublicKey)), map[string]any{"alg": "HS256", "kid": "EdDSA"}, good(nil)), "TOKEN_SIGNATURE"},
		"another key":            {raw(t, es, other["ES256"].Sign, map[string]any{"alg": "ES256", "kid": "ES256"}, good(nil)), "TOKEN_SIGNATURE"},
		"a kid of nobody":        {raw(t, es, other["ES256"].Sign, map[string]any{"alg": "ES256", "kid": "../../etc/passwd"}, good(nil)), "TOKEN_SIGNATURE"},
		"a kid of a number":      {raw(t, hs, keys["HS256"].Sign, map[string]any{"alg": "HS256", "kid": 7}, good(nil)), "TOKEN_SIGNATURE"},
		"no kid":                 {raw(t, hs, keys["HS256"].Sign, map[string]any{"alg": "HS256"}, good(nil)), "TOKEN_SIGNATURE"},
		"its own key":            {raw(t, es, other["ES256"].Sign, map[string]any{"alg": "ES256", "jwk": map[string]any{"kty": "EC"}, "jku": "http://evil.example/k"}, good(nil)), "TOKEN_SIGNATURE"},
		"critical":               {raw(t, hs, keys["HS256"].Sign, map[string]any{"alg": "HS256", "kid": "HS256", "crit": []string{"x"}, "x": 1}, good(nil)), "TOKEN_SIGNATURE"},
		"HS512":                  {raw(t, jwt.SigningMethodHS512, keys["HS256"].Sign, map[string]any{"alg": "HS512", "kid": "HS256"}, good(nil)), "TOKEN_SIGNATURE"},
		"claims swapped":         {parts[0] + "." + swapped + "." + parts[2], "TOKEN_SIGNATURE"},
		"no signature":           {parts[0] + "." + parts[1] + ".", "TOKEN_SIGNATURE"},
		"padding":                {whole + "=", "TOKEN_MALFORMED"},
		"two parts":              {parts[0] + "." + parts[1], "TOKEN_MALFORMED"},
		"nothing":                {"", "TOKEN_MALFORMED"},
		"too long":               {strings.Repeat("a", maxTokenBytes+1), "TOKEN_TOO_LONG"},
		"deep":                   {raw(t, hs, keys["HS256"].Sign, map[string]any{"alg": "HS256", "kid": "HS256"}, good(map[string]any{"netsu": json.RawMessage(strings.Repeat("[", 900) + strings.Repeat("]", 900))})), "TOKEN_GRANT"},
	} {
		if p, err := v.Token(t.Context(), c.text); codeOf(err) != c.code || p != nil {
			t.Errorf("%s: %v, expected %s", name, err, c.code)
		}
	}
}

func TestClaimsThatAreNotForUsAreRefused(t *testing.T) {
	keys := testKeys(t)
	v := verifierOf(keys)
	grant := func(scopes, fields any) map[string]any {
		return map[string]any{"netsu": map[string]any{"scopes": scopes, "fields": fields}}
	}
	now := time.Now()
	for name, c := range map[string]struct {
		changes map[string]any
		code    string
	}{
		"expired":            {map[string]any{"exp": now.Add(-time.Minute).Unix()}, "TOKEN_EXPIRED"},
		"for ever":           {map[string]any{"exp": nil}, "TOKEN_CLAIMS"},
		"exp of text":        {map[string]any{"exp": "soon"}, "TOKEN_MALFORMED"},
		"exp beyond time":    {map[string]any{"exp": 1e300}, "TOKEN_EXPIRED"},
		"exp in ms":          {map[string]any{"exp": now.UnixMilli()}, "TOKEN_LIFETIME"},
		"too long a life":    {map[string]any{"exp": now.Add(2 * time.Hour).Unix()}, "TOKEN_LIFETIME"},
		"not yet":            {map[string]any{"nbf": now.Add(time.Minute).Unix()}, "TOKEN_EARLY"},
		"another audience":   {map[string]any{"aud": "other"}, "TOKEN_AUDIENCE"},
		"no audience":        {map[string]any{"aud": nil}, "TOKEN_CLAIMS"},
		"another issuer":     {map[string]any{"iss": "https://evil.example"}, "TOKEN_ISSUER"},
		"no subject":         {map[string]any{"sub": nil}, "TOKEN_SUBJECT"},
		"no grant":           {map[string]any{"netsu": nil}, "TOKEN_GRANT"},
		"grant of another":   {map[string]any{"netsu": map[string]any{"scopes": []string{"*"}, "fields": []string{"*"}, "only_on": "monday"}}, "TOKEN_GRANT"},
		"no scopes":          {grant([]string{}, []string{"room"}), "TOKEN_SCOPES"},
		"scopes of one text": {grant("*", []string{"room"}), "TOKEN_GRANT"},
		"unknown kind":       {grant([]string{"room/S1"}, []string{"room"}), "TOKEN_SCOPES"},
		"a deal":             {grant([]string{"deal/1:ce"}, []string{"room"}), "TOKEN_SCOPES"},
		"the board":          {grant([]string{"shows"}, []string{"room"}), "TOKEN_SCOPES"},
		"wildcard within":    {grant([]string{"show/S*"}, []string{"room"}), "TOKEN_SCOPES"},
		"wildcard of kinds":  {grant([]string{"*/S1"}, []string{"room"}), "TOKEN_SCOPES"},
		"wildcard twice":     {grant([]string{"show/**"}, []string{"room"}), "TOKEN_SCOPES"},
		"empty id":           {grant([]string{"show/"}, []string{"room"}), "TOKEN_SCOPES"},
		"empty scope":        {grant([]string{""}, []string{"room"}), "TOKEN_SCOPES"},
		"no fields":          {grant([]string{"show/S1"}, []string{}), "TOKEN_FIELDS"},
		"fields not said":    {map[string]any{"netsu": map[string]any{"scopes": []string{"show/S1"}}}, "TOKEN_FIELDS"},
		"an unknown field":   {grant([]string{"show/S1"}, []string{"room", "persons"}), "TOKEN_FIELDS"},
	} {
		text := raw(t, jwt.SigningMethodHS256, keys["HS256"].Sign, map[string]any{"alg": "HS256", "kid": "HS256"}, good(c.changes))
		if p, err := v.Token(t.Context(), text); codeOf(err) != c.code || p != nil {
			t.Errorf("%s: %v, expected %s", name, err, c.code)
		}
	}
}

// TestWhatIsSignedIsRead: Sign and Token agree, and Sign refuses what Token would.
func TestWhatIsSignedIsRead(t *testing.T) {
	keys := testKeys(t)
	v := verifierOf(keys)
	c := Claims{RegisteredClaims: jwt.RegisteredClaims{
		Issuer: "https://issuer.example", Subject: "x", Audience: jwt.ClaimStrings{"netsu"}, ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Minute)),
	}}
	for alg, k := range keys {
		text, err := Sign(k, c, Grant{Scopes: []string{"esol/hana", "brand/*"}, Fields: []string{"*"}, Ingest: true})
		if err != nil {
			t.Fatal(alg, err)
		}
		if p, err := v.Token(t.Context(), text); err != nil || p.Fields != All || !p.Ingest || !p.Sees("show/1", "esol/hana") || p.Sees("show/1", "esol/mika") || p.Sees("show/1", "brand/acme") || !p.Sees("campaign/1", "brand/acme") || p.Sees("campaign/1", "esol/hana") {
			t.Errorf("%s: %+v %v", alg, p, err)
		}
	}
	many := make([]string, maxScopes)
	for i := range many {
		many[i] = fmt.Sprintf("show/%0100d", i)
	}
	for _, g := range []Grant{{}, {Scopes: []string{"show/S*"}, Fields: []string{"*"}}, {Scopes: []string{"*"}, Fields: []string{"all"}}, {Scopes: many, Fields: []string{"*"}}} {
		if _, err := Sign(keys["HS256"], c, g); err == nil {
			t.Errorf("%.100v was signed", g)
		}
	}
	public := keys["EdDSA"]
	public.Sign = nil
	if _, err := Sign(public, c, Grant{Scopes: []string{"*"}, Fields: []string{"*"}}); err == nil {
		t.Error("a public key signed")
	}
}

// TestAnOverlaysGoalGrantsItsCampaignsMoney and the show's query the show's fields: neither lends the other what it has.
func TestAnOverlaysGoalGrantsItsCampaignsMoney(t *testing.T) {
	keys := testKeys(t)
	v := verifierOf(keys)
	signed := func(scope string, f Fields, ttl time.Duration) url.Values {
		q, err := SignAddress(keys["HS256"], scope, f, time.Now().Add(ttl))
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	with := func(goal url.Values) url.Values {
		q := signed("show/S1", Room|Insight, time.Hour)
		q.Set("goal", goal.Encode())
		return q
	}
	p, err := v.address(with(signed("campaign/c", Money, time.Minute)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		scope, owner string
		need         Fields
		reads        bool
	}{
		{"show/S1", "", Room, true}, {"show/S1", "", Insight, true}, {"show/S1", "", Money, false},
		{"campaign/c", "", Money, true}, {"campaign/c", "", Room, false}, {"campaign/d", "", Money, false},
		{"campaign/d", "brand/acme", Money, false}, {"show/S2", "", Room, false}, {Board, "", Room, false},
	} {
		if p.Reads(c.scope, c.owner, c.need) != c.reads {
			t.Errorf("%v of %s are read: %v", c.need, c.scope, !c.reads)
		}
	}
	if left := time.Until(p.Expires); left > time.Minute {
		t.Errorf("it is good for %v, and its goal for a minute", left)
	}
	forged := signed("campaign/c", Money, time.Minute)
	forged.Set("scope", "campaign/d")
	twice := with(signed("campaign/c", Money, time.Hour))
	twice.Add("goal", signed("campaign/d", Money, time.Hour).Encode())
	for name, q := range map[string]url.Values{
		"another campaign's": with(forged), "a show's": with(signed("show/S2", Money, time.Hour)), "none": with(url.Values{}),
		"two": twice, "a broken one": {"goal": {"%zz"}},
	} {
		if _, err := v.address(q); codeOf(err) != "ADDRESS_SIGNATURE" {
			t.Errorf("with %s for a goal: %v", name, err)
		}
	}
	nested := signed("campaign/c", Money, time.Hour)
	nested.Set("goal", signed("campaign/d", Money, time.Hour).Encode())
	if p, err := v.address(with(nested)); err != nil || p.Sees("campaign/d", "") {
		t.Errorf("a goal has a goal: %v", err)
	}
}

func TestSignedAddresses(t *testing.T) {
	keys := testKeys(t)
	v := verifierOf(keys)
	q, err := SignAddress(keys["HS256"], "show/S42", Room|Insight, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	p, err := v.address(q)
	if err != nil || !p.Sees("show/S42", "") || p.Sees("show/S43", "") || p.Fields != Room|Insight || !p.address {
		t.Fatalf("%+v, %v", p, err)
	}
	for name, value := range map[string]string{
		"scope": "show/S43", "fields": "room,insight,money", "exp": fmt.Sprint(time.Now().Add(2 * time.Hour).Unix()), "kid": "EdDSA", "sig": "AAAA",
	} {
		forged := map[string][]string{}
		for n, v := range q {
			forged[n] = v
		}
		forged[name] = []string{value}
		if _, err := v.address(forged); codeOf(err) != "ADDRESS_SIGNATURE" {
			t.Errorf("with another %s: %v", name, err)
		}
		forged[name] = []string{q.Get(name), value}
		if _, err := v.address(forged); codeOf(err) != "ADDRESS_SIGNATURE" {
			t.Errorf("with %s twice: %v", name, err)
		}
		delete(forged, name)
		if _, err := v.address(forged); codeOf(err) != "ADDRESS_SIGNATURE" {
			t.Errorf("without %s: %v", name, err)
		}
	}
	// What is joined by line ends is not cut at others.
	moved := map[string][]string{"scope": {"show/S42\nroom,insight"}, "fields": {""}, "exp": q["exp"], "kid": q["kid"], "sig": q["sig"]}
	if _, err := v.address(moved); codeOf(err) != "ADDRESS_SIGNATURE" {
		t.Errorf("with a line end moved: %v", err)
	}
	for ttl, code := range map[time.Duration]string{-time.Second: "ADDRESS_EXPIRED", 25 * time.Hour: "ADDRESS_LIFETIME"} {
		q, err := SignAddress(keys["HS256"], "show/S42", Room, time.Now().Add(ttl))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := v.address(q); codeOf(err) != code {
			t.Errorf("%v: %v, expected %s", ttl, err, code)
		}
	}
	for _, scope := range []string{"*", "show/*", "shows", "x"} {
		if _, err := SignAddress(keys["HS256"], scope, Room, time.Now()); err == nil {
			t.Errorf("an address for %s", scope)
		}
	}
	if _, err := SignAddress(keys["EdDSA"], "show/S42", Room, time.Now()); err == nil {
		t.Error("an address signed with a key that is no secret")
	}
}

// A port whose clock is an hour ahead refuses what has less than an hour left. One that is an hour behind takes what ended less than
// an hour ago, and refuses what has more than the longest time left by that clock, or has not begun. Neither is remembered:
// with the clock right again all is as before.
func TestAPortWhoseClockIsOff(t *testing.T) {
	keys := testKeys(t)
	v := verifierOf(keys) // for an hour at most
	const right, ahead, behind = 0, time.Hour, -time.Hour
	for _, c := range []struct {
		what     string
		from, to time.Duration // of what is signed; from 0: it does not say
		want     map[time.Duration]string
		address  map[time.Duration]string
	}{
		{"half an hour left", 0, 30 * time.Minute,
			map[time.Duration]string{right: "", ahead: "TOKEN_EXPIRED", behind: "TOKEN_LIFETIME"},
			map[time.Duration]string{right: "", ahead: "ADDRESS_EXPIRED", behind: ""}},
		{"the same, from a minute ago on", -time.Minute, 30 * time.Minute,
			map[time.Duration]string{right: "", ahead: "TOKEN_EXPIRED", behind: "TOKEN_EARLY"}, nil},
		{"over since half an hour", 0, -30 * time.Minute,
			map[time.Duration]string{right: "TOKEN_EXPIRED", ahead: "TOKEN_EXPIRED", behind: ""},
			map[time.Duration]string{right: "ADDRESS_EXPIRED", ahead: "ADDRESS_EXPIRED", behind: ""}},
		{"over since more than an hour", 0, -61 * time.Minute,
			map[time.Duration]string{right: "TOKEN_EXPIRED", behind: "TOKEN_EXPIRED"},
			map[time.Duration]string{right: "ADDRESS_EXPIRED", behind: "ADDRESS_EXPIRED"}},
	} {
		for _, off := range []time.Duration{right, ahead, right, behind, right} {
			at := time.Now().Add(-off) // the issuer's clock, as the port's has it
			if want, ok := c.want[off]; ok {
				claims := map[string]any{"exp": at.Add(c.to).Unix(), "iat": at.Unix()}
				if c.from != 0 {
					claims["nbf"] = at.Add(c.from).Unix()
				}
				k := keys["EdDSA"]
				_, err := v.Token(t.Context(), raw(t, jwt.SigningMethodEdDSA, k.Sign, map[string]any{"alg": "EdDSA", "kid": k.ID}, good(claims)))
				if got := codeOf(err); err == nil && want != "" || err != nil && got != want {
					t.Errorf("a token, %s, with the port's clock off by %v: %s, want %q", c.what, off, got, want)
				}
			}
			if want, ok := c.address[off]; ok {
				q, err := SignAddress(keys["HS256"], "show/S42", Room, at.Add(c.to))
				if err != nil {
					t.Fatal(err)
				}
				if _, err = v.address(q); err == nil && want != "" || err != nil && codeOf(err) != want {
					t.Errorf("an address, %s, with the port's clock off by %v: %v, want %q", c.what, off, err, want)
				}
			}
		}
	}
}

func TestKeysFiles(t *testing.T) {
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string, key any, f func(any) ([]byte, error)) string {
		b, err := f(key)
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b}))
	}
	k := strings.Repeat("A", 43)
	for text, want := range map[string]string{
		strings.Repeat("0a", 32):      "HS256",
		strings.Repeat("A", 43) + "=": "HS256",
		strings.Repeat("0a", 31):      "error",
		"not a key at all":            "error",
		"":                            "error",
		"{}":                          "error",
		`{"keys":[{"kty":"oct","kid":"a","k":"` + k + `"}]}`:                                         "HS256",
		`{"keys":[{"kty":"oct","kid":"a","alg":"HS512","k":"` + k + `"}]}`:                           "error",
		`{"keys":[{"kty":"oct","kid":"a","k":"c2hvcnQ"}]}`:                                           "error",
		`{"keys":[{"kty":"oct","kid":"a","k":"` + k + `"},{"kty":"oct","kid":"a","k":"` + k + `"}]}`: "error",
		block("PRIVATE KEY", ed, x509.MarshalPKCS8PrivateKey):                                        "EdDSA",
		block("PUBLIC KEY", ed.Public(), x509.MarshalPKIXPublicKey):                                  "EdDSA",
		block("PUBLIC KEY", p384.Public(), x509.MarshalPKIXPublicKey):                                "error",
		strings.Repeat(" ", maxKeysBytes+1):                                                          "error",
	} {
		file := filepath.Join(t.TempDir(), "keys")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		keys, err := ReadKeys(file)
		got := "error"
		if err == nil {
			got = keys[0].Alg
		} else if strings.Contains(err.Error(), k) {
			t.Errorf("the error says the secret: %v", err)
		}
		if got != want {
			t.Errorf("%.60q: %s %v, expected %s", text, got, err, want)
		}
	}
}

// TestAKeySetByAddress: keys are taken from it, secrets are not, one taken out is out within a minute, and an answer without
// an end is not read to it.
func TestAKeySetByAddress(t *testing.T) {
	keys := testKeys(t)
	pub := base64.RawURLEncoding.EncodeToString(keys["EdDSA"].Verify.(ed25519.PublicKey))
	secret := base64.RawURLEncoding.EncodeToString(keys["HS256"].Verify.([]byte))
	answer := make(chan string, 1)
	answer <- `{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"EdDSA","x":"` + pub + `"},{"kty":"oct","kid":"HS256","k":"` + secret + `"}]}`
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		a := <-answer
		answer <- a
		fmt.Fprint(w, a)
	}))
	defer srv.Close()
	log := slog.New(slog.DiscardHandler)
	get := func() *Guard {
		ctx, cancel := context.WithCancel(t.Context())
		t.Cleanup(cancel)
		g, err := Open(ctx, Settings{JWKSURL: srv.URL, Issuer: "https://issuer.example"}, ":80", log)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	sign := func(alg string) string {
		return raw(t, jwt.GetSigningMethod(alg), keys[alg].Sign, map[string]any{"alg": alg, "kid": alg}, good(nil))
	}
	if _, err := get().verifier.Token(t.Context(), sign("EdDSA")); err != nil {
		t.Error(err)
	}
	if _, err := get().verifier.Token(t.Context(), sign("HS256")); codeOf(err) != "TOKEN_SIGNATURE" {
		t.Errorf("a secret that is no secret: %v", err)
	}
	if n, err := ReadSet(t.Context(), srv.URL); n != 1 || err != nil {
		t.Errorf("%d keys, %v", n, err)
	}
	<-answer
	answer <- `{"keys":[` + strings.Repeat(" ", maxKeysBytes) + `{"kty":"OKP","crv":"Ed25519","kid":"EdDSA","x":"` + pub + `"}]}`
	if _, err := get().verifier.Token(t.Context(), sign("EdDSA")); codeOf(err) != "TOKEN_SIGNATURE" {
		t.Errorf("a set without an end was read: %v", err)
	}
	for _, none := range []string{`{"error":"try again"}`, `{"keys":[]}`, `{"keys":[{"kty":"oct","kid":"HS256","k":"` + secret + `"}]}`} {
		<-answer
		answer <- none
		if n, err := ReadSet(t.Context(), srv.URL); err == nil || n != 0 {
			t.Errorf("%s: %d keys, %v", none, n, err)
		}
	}
	for address, ok := range map[string]bool{"https://idp.example/jwks": true, "http://127.0.0.1:1/jwks": true, "http://idp.example/jwks": false,
		"file:///etc/passwd": false, "idp.example": false, "": false} {
		if err := CheckURL(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestOnlyALoopbackPortIsOpenByItself(t *testing.T) {
	for listen, local := range map[string]bool{
		"127.0.0.1:8080": true, "localhost:8080": true, "[::1]:8080": true, "127.1.2.3:80": true, ":8080": false, "0.0.0.0:8080": false,
		"[::]:8080": false, "10.0.0.1:8080": false, "netsu.example:8080": false, "localhost.evil.example:80": false, "x": false,
	} {
		if err := (&Settings{}).Check(listen); (err == nil) != local {
			t.Errorf("%s without keys: %v", listen, err)
		} else if err != nil && !strings.Contains(err.Error(), "netsu token new-key") {
			t.Errorf("%s: no way out is named: %v", listen, err)
		}
		if err := (&Settings{Open: true}).Check(listen); err != nil {
			t.Errorf("%s, said to be open: %v", listen, err)
		}
		if err := (&Settings{KeysFile: "k"}).Check(listen); err != nil {
			t.Errorf("%s with keys: %v", listen, err)
		}
	}
	if (&Settings{Open: true, KeysFile: "k"}).Check("127.0.0.1:1") == nil {
		t.Error("open, and with keys")
	}
}

// TestANameThatWasMadeToLeadHere: a page whose own name resolves to this machine reads nothing of an open port.
func TestANameThatWasMadeToLeadHere(t *testing.T) {
	g, err := Open(t.Context(), Settings{Origins: []string{"https://netsu.example"}}, "127.0.0.1:8080", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for host, ok := range map[string]bool{"127.0.0.1:8080": true, "localhost:8080": true, "[::1]:8080": true, "127.0.0.1": true,
		"evil.example:8080": false, "127.0.0.1.evil.example:8080": false, "": false, "netsu.example": true} {
		r := httptest.NewRequest("GET", "/v1/shows", nil)
		r.Host = host
		if _, err := g.Who(r); (err == nil) != ok {
			t.Errorf("%q: %v", host, err)
		}
	}
}

func TestFailuresOfOneAddressAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keys := testKeys(t)
		g := &Guard{verifier: verifierOf(keys), limits: newAccounts(Limits{}), failures: newFailures()}
		ask := func(remote, token string) string {
			r := httptest.NewRequest("GET", "/v1/shows", nil)
			r.RemoteAddr = remote
			r.Header.Set("Authorization", "Bearer "+token)
			_, err := g.Who(r)
			return codeOf(err)
		}
		right := raw(t, jwt.SigningMethodHS256, keys["HS256"].Sign, map[string]any{"alg": "HS256", "kid": "HS256"}, good(nil))
		for i := range failuresAtOnce {
			if got := ask("[2001:db8::1]:5", "x.y.z"); got != "TOKEN_MALFORMED" {
				t.Fatalf("failure %d: %s", i, got)
			}
		}
		if got := ask("[2001:db8::2]:9", right); got != "TOO_MANY_FAILURES" {
			t.Errorf("of the same /64: %s", got)
		}
		if got := ask("[2001:db8:0:1::2]:9", right); got != "<nil>" {
			t.Errorf("of another: %s", got)
		}
		time.Sleep(time.Second)
		if got := ask("[2001:db8::2]:9", right); got != "<nil>" {
			t.Errorf("a second later: %s", got)
		}
		for i := range 3 * maxFailedRemotes {
			ask(fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255), "x")
		}
		if n := g.failures.latest.Len(); n != maxFailedRemotes || len(g.failures.of) != n {
			t.Errorf("%d addresses are remembered", n)
		}
	})
}
