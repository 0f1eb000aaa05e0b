package broker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"
)

// SASL says how the program proves who it is. Secrets are given as files, read anew for each authentication: a rotated
// password or a refreshed token is used from the next connection on, and nothing of it can reach a log or an error.
type SASL struct {
	Mechanism    string // PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER; zero means none
	User         string // for PLAIN and SCRAM
	PasswordFile string // for PLAIN and SCRAM; one line
	TokenFile    string // for OAUTHBEARER; one line
}

// maxSecretBytes bounds what is read of a secret's file, so that a wrong path (a device, a log) cannot fill memory.
const maxSecretBytes = 64 << 10

func (s SASL) mechanism() (sasl.Mechanism, error) {
	switch m := strings.ToUpper(s.Mechanism); m {
	case "":
		if s != (SASL{}) {
			return nil, errors.New("SASL settings: a user, password or token file is given, but no mechanism")
		}
		return nil, nil
	case "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512":
		if s.User == "" || s.PasswordFile == "" || s.TokenFile != "" {
			return nil, fmt.Errorf("SASL settings: %s needs a user and a password file, and no token file", m)
		}
		if _, err := ReadSecret(s.PasswordFile); err != nil {
			return nil, fmt.Errorf("SASL settings: %w", err)
		}
		return s.byPassword(m), nil
	case "OAUTHBEARER":
		if s.TokenFile == "" || s.User != "" || s.PasswordFile != "" {
			return nil, errors.New("SASL settings: OAUTHBEARER needs a token file, and neither user nor password file")
		}
		if _, err := ReadSecret(s.TokenFile); err != nil {
			return nil, fmt.Errorf("SASL settings: %w", err)
		}
		return oauth.Oauth(func(context.Context) (oauth.Auth, error) {
			token, err := ReadSecret(s.TokenFile)
			return oauth.Auth{Token: token}, err
		}), nil
	default:
		return nil, fmt.Errorf("SASL settings: unknown mechanism %q "+
			"(known: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER)", s.Mechanism)
	}
}

func (s SASL) byPassword(mechanism string) sasl.Mechanism {
	auth := func(context.Context) (scram.Auth, error) {
		password, err := ReadSecret(s.PasswordFile)
		return scram.Auth{User: s.User, Pass: password}, err
	}
	switch mechanism {
	case "SCRAM-SHA-256":
		return scram.Sha256(auth)
	case "SCRAM-SHA-512":
		return scram.Sha512(auth)
	}
	return plain.Plain(func(ctx context.Context) (plain.Auth, error) {
		a, err := auth(ctx)
		return plain.Auth{User: a.User, Pass: a.Pass}, err
	})
}

// ReadSecret returns the one line of a file. Its errors name the file and never what is in it.
func ReadSecret(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading a secret: %w", err)
	}
	b = bytes.TrimRight(b, "\r\n")
	switch {
	case len(b) == 0:
		return "", fmt.Errorf("reading a secret: %s is empty", path)
	case len(b) > maxSecretBytes || bytes.ContainsAny(b, "\r\n"):
		return "", fmt.Errorf("reading a secret: %s is not one line of at most %d bytes", path, maxSecretBytes)
	}
	return string(b), nil
}
