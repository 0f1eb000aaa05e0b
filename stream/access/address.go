package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/netsu/netsu/stream/event"
)

// A signed address is a path of /overlay/ or of the feed with a query of five parameters:
//
//	scope=show/S42 & fields=room,insight & exp=1772971200 & kid=k1 & sig=…
//
// sig is HMAC-SHA-256, base64url, under the secret kid, of
//
//	netsu-address/1 \n kid \n scope \n fields \n exp
//
// which no JWT's signing input can be, since those have no line ends. The path is not in it, because the overlay's page
// opens the feed with the same query: what it is for follows from the scope.
//
// A show's may have a campaign's beside, as its parameter goal (OverlayAddress). Each grants its own fields of its own scope, and
// one that is not good has both refused.

// MaxAddressTTL bounds how long an address may be good: an overlay stands for a show's day, and is known to whoever sees it.
const MaxAddressTTL = 24 * time.Hour

var addressParameters = []string{"scope", "fields", "exp", "kid", "sig"}

// SignAddress makes the query of a signed address.
func SignAddress(k Key, scope string, fields Fields, expires time.Time) (url.Values, error) {
	if k.Alg != "HS256" {
		return nil, errors.New("an address is signed with an HS256 key, which the key is not")
	}
	if err := checkAddress(scope); err != nil {
		return nil, err
	}
	q := url.Values{
		"scope": {scope}, "fields": {fields.String()}, "exp": {strconv.FormatInt(expires.Unix(), 10)}, "kid": {k.ID},
	}
	q.Set("sig", base64.RawURLEncoding.EncodeToString(addressMAC(k, q)))
	return q, nil
}

// OverlayAddress is the signed address of a show's overlay at a base such as https://netsu.example. With a campaign, its overlay
// also has the campaign's goal: an address is for one scope, so it carries a second query, which grants the campaign's money.
func OverlayAddress(k Key, base, show, campaign string, fields Fields, expires time.Time) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("base %q is not an address such as https://netsu.example", base)
	}
	q, err := SignAddress(k, event.Scope(event.ScopeShow, show), fields, expires)
	if err != nil {
		return "", err
	}
	if campaign != "" {
		goal, err := SignAddress(k, event.Scope(event.ScopeCampaign, campaign), Money, expires)
		if err != nil {
			return "", err
		}
		q.Set("goal", goal.Encode())
	}
	u = u.JoinPath("overlay", url.PathEscape(show))
	u.RawQuery = q.Encode()
	return u.String(), nil
}

func checkAddress(scope string) error {
	if err := checkScopes([]string{scope}); err != nil {
		return err
	}
	if strings.Contains(scope, "*") {
		return errors.New("an address is for one scope, and takes no wildcard")
	}
	return nil
}

func addressMAC(k Key, q url.Values) []byte {
	m := hmac.New(sha256.New, k.Verify.([]byte))
	fmt.Fprintf(m, "netsu-address/1\n%s\n%s\n%s\n%s", q.Get("kid"), q.Get("scope"), q.Get("fields"), q.Get("exp"))
	return m.Sum(nil)
}

var errAddress = &Refusal{http.StatusUnauthorized, "ADDRESS_SIGNATURE", "the signed address is not one of this Netsu, or was changed",
	"ask for another: netsu token address"}

// address verifies the query of a signed address, and of the goal beside.
func (v *Verifier) address(q url.Values) (*Principal, error) {
	p, err := v.signed(q)
	if err != nil || !q.Has("goal") {
		return p, err
	}
	goal, err := url.ParseQuery(q.Get("goal"))
	if err != nil || len(q["goal"]) != 1 {
		return nil, errAddress
	}
	beside, err := v.signed(goal)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(beside.Scopes[0], event.ScopeCampaign+"/") {
		return nil, errAddress
	}
	p.beside = beside
	if beside.Expires.Before(p.Expires) {
		p.Expires = beside.Expires
	}
	return p, nil
}

// signed verifies the five parameters.
func (v *Verifier) signed(q url.Values) (*Principal, error) {
	for _, name := range addressParameters {
		if len(q[name]) != 1 || strings.Contains(q.Get(name), "\n") {
			return nil, errAddress
		}
	}
	k, ok := find(v.keys(), q.Get("kid"), "HS256")
	given, err := base64.RawURLEncoding.Strict().DecodeString(q.Get("sig"))
	if !ok || err != nil || !hmac.Equal(given, addressMAC(k, q)) {
		return nil, errAddress
	}
	fields, ferr := ParseFields(strings.Split(q.Get("fields"), ","))
	seconds, err := strconv.ParseInt(q.Get("exp"), 10, 64)
	if ferr != nil || err != nil || checkAddress(q.Get("scope")) != nil {
		return nil, errAddress
	}
	expires := time.Unix(seconds, 0)
	switch left := time.Until(expires); {
	case left <= 0:
		return nil, &Refusal{http.StatusUnauthorized, "ADDRESS_EXPIRED", "the signed address has ended", errAddress.Hint}
	case left > MaxAddressTTL+leeway:
		return nil, &Refusal{http.StatusUnauthorized, "ADDRESS_LIFETIME", fmt.Sprintf("the signed address has more than %v left",
			MaxAddressTTL), errAddress.Hint}
	}
	return &Principal{
		Subject: "address\n" + q.Get("sig"), Scopes: []string{q.Get("scope")}, Fields: fields, Expires: expires, address: true,
	}, nil
}
