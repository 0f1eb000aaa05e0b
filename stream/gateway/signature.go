package gateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"
)

// A check tells whether a delivery comes from who knows one of the secrets, by its bytes as they came. Every secret is
// tried, and compared in constant time, so that how long it takes tells nothing.
type check func(secrets [][]byte, d *delivery) error

// What a sender is told. It does not say which part was wrong.
var (
	errUnsigned = errors.New("the signature is missing or is not of this body")
	errStale    = errors.New("the signature is from too long ago, or from the future: do the clocks agree?")
	errBearer   = errors.New("the bearer token is missing or is none of this source's")
)

func macOf(secret []byte, parts ...[]byte) []byte {
	m := hmac.New(sha256.New, secret)
	for _, p := range parts {
		m.Write(p)
	}
	return m.Sum(nil)
}

// signedBy tells whether got is the MAC of the parts under any of the secrets.
func signedBy(secrets [][]byte, got []byte, parts ...[]byte) bool {
	found := 0
	for _, secret := range secrets {
		found |= subtle.ConstantTimeCompare(macOf(secret, parts...), got)
	}
	return found == 1
}

// base64Body is the scheme of Shopify and WooCommerce: the MAC of the body, in base64, in a header.
func base64Body(header string) check {
	return func(secrets [][]byte, d *delivery) error {
		got, err := base64.StdEncoding.DecodeString(d.header.Get(header))
		if err != nil || !signedBy(secrets, got, d.body) {
			return errUnsigned
		}
		return nil
	}
}

const (
	stripeTolerance  = 5 * time.Minute
	maxStripeSchemes = 8 // signatures that are looked at: one for each secret that is being rotated
)

// stripeSigned reads Stripe-Signature: t=…,v1=…[,v1=…], whose MAC is of "t.body".
func stripeSigned(secrets [][]byte, d *delivery) error {
	var stamp string
	var signatures [][]byte
	for part := range strings.SplitSeq(d.header.Get("Stripe-Signature"), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case name == "t":
			stamp = value
		case name == "v1" && len(signatures) < maxStripeSchemes:
			if mac, err := hex.DecodeString(value); err == nil {
				signatures = append(signatures, mac)
			}
		}
	}
	found := false
	for _, got := range signatures {
		found = signedBy(secrets, got, []byte(stamp), []byte("."), d.body) || found
	}
	if !found {
		return errUnsigned
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return errUnsigned
	}
	return fresh(time.Unix(seconds, 0), d.at, stripeTolerance)
}

func fresh(signed, now time.Time, tolerance time.Duration) error {
	if age := now.Sub(signed); age > tolerance || age < -tolerance {
		return errStale
	}
	return nil
}

// minBearer is the least length of a token: shorter ones can be guessed.
const minBearer = 16

// bearer compares the token. Hashes are compared, so that lengths tell nothing either.
func bearer(secrets [][]byte, d *delivery) error {
	scheme, token, _ := strings.Cut(d.header.Get("Authorization"), " ")
	got, found := sha256.Sum256([]byte(token)), 0
	for _, secret := range secrets {
		want := sha256.Sum256(secret)
		found |= subtle.ConstantTimeCompare(want[:], got[:])
	}
	if found != 1 || !strings.EqualFold(scheme, "Bearer") {
		return errBearer
	}
	return nil
}
