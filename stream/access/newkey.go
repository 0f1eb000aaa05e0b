package access

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/MicahParks/jwkset"
)

// NewKey makes a key and returns it as a JWK Set, and the set of its public part, nil for a secret.
func NewKey(alg, id string) (private, public []byte, err error) {
	var key any
	switch alg {
	case "HS256":
		secret := make([]byte, minSecretBytes)
		rand.Read(secret) // never fails
		key = secret
	case "EdDSA":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case "ES256":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	default:
		return nil, nil, fmt.Errorf("algorithm %q is none of HS256, EdDSA, ES256", alg)
	}
	if err == nil {
		private, err = set(key, alg, id, true)
	}
	if err == nil && alg != "HS256" {
		public, err = set(key, alg, id, false)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("making a key: %w", err)
	}
	return private, public, nil
}

func set(key any, alg, id string, private bool) ([]byte, error) {
	jwk, err := jwkset.NewJWKFromKey(key, jwkset.JWKOptions{
		Marshal:  jwkset.JWKMarshalOptions{Private: private},
		Metadata: jwkset.JWKMetadataOptions{ALG: jwkset.ALG(alg), KID: id, USE: jwkset.UseSig},
	})
	if err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(jwkset.JWKSMarshal{Keys: []jwkset.JWKMarshal{jwk.Marshal()}}, "", "  ")
	return append(b, '\n'), err
}
