package access

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/MicahParks/jwkset"
)

const (
	maxKeysBytes   = 64 << 10 // of a keys file, or of the answer of a JWK Set's URL
	maxKeys        = 32
	minSecretBytes = 32 // of HS256: as long as its digest (RFC 7518 §3.2)
)

// Key is one key with the one algorithm that it is for.
type Key struct {
	ID  string // "": a token names none
	Alg string // EdDSA, ES256 or HS256
	// Verify is an ed25519.PublicKey, an *ecdsa.PublicKey or the secret's bytes; Sign the same or the private key, nil where
	// the file has only the public one.
	Verify, Sign any
}

// newKey finds out what a key is for. Only the three kinds are: an algorithm follows from a key, never from a token.
func newKey(id string, key any) (Key, error) {
	k := Key{ID: id, Verify: key}
	if private, ok := key.(interface{ Public() crypto.PublicKey }); ok {
		k.Verify, k.Sign = private.Public(), key
	}
	switch v := k.Verify.(type) {
	case ed25519.PublicKey:
		k.Alg = "EdDSA"
	case *ecdsa.PublicKey:
		if v.Curve != elliptic.P256() {
			return k, errors.New("is of another curve than P-256, which ES256 has")
		}
		k.Alg = "ES256"
	case []byte:
		if len(v) < minSecretBytes {
			return k, fmt.Errorf("is a secret of %d bytes; HS256 needs %d", len(v), minSecretBytes)
		}
		k.Alg, k.Sign = "HS256", v
	default:
		return k, errors.New("is none of Ed25519, P-256 or a secret")
	}
	return k, nil
}

// ReadKeys reads a keys file: a JWK Set, PEM, or a secret as at least 64 hex digits or base64.
func ReadKeys(file string) ([]Key, error) {
	text, err := readKeysText(file)
	if err != nil {
		return nil, err
	}
	keys, err := parseKeys(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return keys, nil
}

// readKeysText is the file, or as much of it as shows that it is too large.
func readKeysText(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading access keys: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxKeysBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading access keys: %w", err)
	}
	return text, nil
}

func parseKeys(text []byte) (keys []Key, err error) {
	trimmed := strings.TrimSpace(string(text))
	switch {
	case len(text) > maxKeysBytes:
		return nil, fmt.Errorf("is larger than %d bytes", maxKeysBytes)
	case strings.HasPrefix(trimmed, "{"):
		keys, err = parseSet([]byte(trimmed))
	case strings.HasPrefix(trimmed, "-----BEGIN"):
		keys, err = parsePEM([]byte(trimmed))
	default:
		keys, err = parseSecret(trimmed)
	}
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 || len(keys) > maxKeys {
		return nil, fmt.Errorf("%d keys: expected 1 to %d", len(keys), maxKeys)
	}
	for i, k := range keys {
		for _, other := range keys[:i] {
			if other.ID == k.ID && (k.ID != "" || other.Alg == k.Alg) {
				return nil, fmt.Errorf("two keys are called %q: which one is meant is anyone's guess", k.ID)
			}
		}
	}
	return keys, nil
}

func parseSet(text []byte) ([]Key, error) {
	var set jwkset.JWKSMarshal
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, errors.New("is not a JWK Set: expected {\"keys\":[…]}") // the decoder's error might quote a secret
	}
	var keys []Key
	for i, m := range set.Keys {
		jwk, err := jwkset.NewJWKFromMarshal(m, jwkset.JWKMarshalOptions{Private: true}, jwkset.JWKValidateOptions{})
		if err != nil {
			return nil, fmt.Errorf("key %d cannot be read: is its kind one of OKP, EC and oct, and complete?", i+1)
		}
		k, err := newKey(m.KID, jwk.Key())
		if err != nil {
			return nil, fmt.Errorf("key %d %w", i+1, err)
		}
		if m.ALG != "" && string(m.ALG) != k.Alg {
			return nil, fmt.Errorf("key %d says alg %.20q, and can only be %s", i+1, m.ALG, k.Alg)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func parsePEM(text []byte) (keys []Key, err error) {
	for len(text) > 0 {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return nil, errors.New("has something that is not PEM")
		}
		var key any
		switch block.Type {
		case "PUBLIC KEY":
			key, err = x509.ParsePKIXPublicKey(block.Bytes)
		case "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		default:
			err = fmt.Errorf("%.40q is neither PUBLIC KEY nor PRIVATE KEY", block.Type)
		}
		if err != nil {
			return nil, fmt.Errorf("block %d: %w", len(keys)+1, err)
		}
		k, err := newKey("", key)
		if err != nil {
			return nil, fmt.Errorf("block %d %w", len(keys)+1, err)
		}
		keys = append(keys, k)
	}
	return keys, nil
}

func parseSecret(text string) ([]Key, error) {
	secret, err := hex.DecodeString(text)
	if err != nil {
		secret, err = base64.StdEncoding.DecodeString(text)
	}
	if err != nil {
		return nil, errors.New("is neither a JWK Set, nor PEM, nor a secret in hex or base64; make one with netsu token new-key")
	}
	k, err := newKey("", secret)
	return []Key{k}, err
}

// find gives the key that a token's header names, of the algorithm that it names.
func find(keys []Key, id, alg string) (Key, bool) {
	for _, k := range keys {
		if k.ID == id && k.Alg == alg {
			return k, true
		}
	}
	return Key{}, false
}

// remote finds a key of a JWK Set that is read by URL. A secret there would be known to whoever can read it, so is none.
func remote(ctx context.Context, set jwkset.Storage, id, alg string) (Key, bool) {
	jwk, err := set.KeyRead(ctx, id)
	if err != nil {
		return Key{}, false
	}
	k, ok := ofSet(jwk)
	return k, ok && k.Alg == alg
}

// ofSet is a key of a JWK Set that is read by address: public, and with a name.
func ofSet(jwk jwkset.JWK) (Key, bool) {
	m := jwk.Marshal()
	k, err := newKey(m.KID, jwk.Key())
	return k, err == nil && m.KID != "" && k.Alg != "HS256" && (m.ALG == "" || string(m.ALG) == k.Alg)
}
