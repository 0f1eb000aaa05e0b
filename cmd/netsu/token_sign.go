package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/access"
)

func signCommand() *cobra.Command {
	var (
		key                             keyFlags
		grant                           access.Grant
		subject, issuer, audience, page string
		ttl, most                       time.Duration
	)
	c := &cobra.Command{
		Use:   "sign --scope SCOPE --field KIND",
		Short: "Sign a token",
		Long: `Print a token. A brand's scope has its campaigns in it, and an ESOL's her shows, as long as they are theirs. The shows that sell
a brand are not in its scope: they sell others too.`,
		Example: `  netsu token sign --access-keys-file keys.json --subject acme --scope brand/acme --field money
  netsu token sign --access-keys-file keys.json --scope '*' --field '*' --page http://127.0.0.1:8080`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if ttl > most {
				return fmt.Errorf("--ttl %v is longer than --access-max-ttl %v, which netsu run refuses", ttl, most)
			}
			k, err := key.key(func(k access.Key) bool { return k.Sign != nil })
			if err != nil {
				return err
			}
			now := time.Now()
			text, err := access.Sign(k, access.Claims{RegisteredClaims: jwt.RegisteredClaims{
				Issuer: issuer, Subject: subject, Audience: jwt.ClaimStrings{audience},
				IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(ttl)),
			}}, grant)
			if err != nil {
				return err
			}
			if page != "" {
				text = pageOf(page, text)
			}
			fmt.Fprintln(c.OutOrStdout(), text)
			return nil
		},
	}
	key.add(c)
	fs := c.Flags()
	fs.StringVar(&subject, "subject", "netsu-token", "who it is for: limits are shared by all tokens of a subject")
	fs.StringArrayVar(&grant.Scopes, "scope", nil, "what may be read: show/ID, esol/ID, campaign/ID, brand/ID, kind/*, *; may be repeated")
	fs.StringSliceVar(&grant.Fields, "field", nil, "kind of fields: room, money, insight, *; may be repeated")
	fs.BoolVar(&grant.Ingest, "ingest", false, "may send events over HTTP, which no scope and no field implies")
	fs.StringVar(&issuer, "access-issuer", "", "iss, as netsu run asks for it")
	fs.StringVar(&audience, "access-audience", access.DefaultAudience, "aud, as netsu run asks for it")
	parsedVar(fs, &most, "access-max-ttl", "duration", "24h", "longest time that netsu run takes a token for",
		within(time.ParseDuration, time.Minute, 366*24*time.Hour))
	parsedVar(fs, &ttl, "ttl", "duration", "1h", "how long it is good", parseTTL(366*24*time.Hour))
	fs.StringVar(&page, "page", "", "address of the page: print it with the token, ready to be opened")
	for _, name := range []string{"scope", "field"} {
		cobra.CheckErr(c.MarkFlagRequired(name))
	}
	return c
}

func inspectCommand() *cobra.Command {
	var s access.Settings
	c := &cobra.Command{
		Use:   "inspect [FILE|-]",
		Short: "Print what a token says, and whether it would be taken",
		Long: `Print the header and the claims of a token, which is read from a file or from standard input: on a command line everyone on the
machine could see it. With --access-keys-file or --access-jwks-url also tell whether netsu run with the same settings takes it;
exit status 1 if not. Nothing that is printed is vouched for without.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			text, err := readToken(c.InOrStdin(), files)
			if err != nil {
				return err
			}
			parts := strings.Split(text, ".")
			if len(parts) != 3 {
				return errors.New("this is not a token: expected three parts with dots between them")
			}
			for i, name := range []string{"header", "claims"} {
				b, err := jwt.NewParser().DecodeSegment(parts[i])
				if err != nil || !json.Valid(b) {
					return fmt.Errorf("the %s cannot be read: expected JSON in base64url", name)
				}
				fmt.Fprintf(c.OutOrStdout(), "%s %s\n", name, b)
			}
			if s.KeysFile == "" && s.JWKSURL == "" {
				fmt.Fprintln(c.OutOrStdout(), "not verified: no --access-keys-file or --access-jwks-url")
				return nil
			}
			g, err := access.Open(c.Context(), s, "127.0.0.1:0", newLogger(0))
			if err != nil {
				return err
			}
			p, err := g.Introduce("", text)
			if err != nil {
				return fmt.Errorf("refused: %w", err)
			}
			fmt.Fprintf(c.OutOrStdout(), "taken: scopes %s, fields %s, %v left\n", strings.Join(p.Scopes, " "), p.Fields,
				time.Until(p.Expires).Round(time.Second))
			return nil
		},
	}
	fs := c.Flags()
	fs.StringVar(&s.KeysFile, "access-keys-file", "", "file with the keys that netsu run verifies with")
	parsedVar(fs, &s.JWKSURL, "access-jwks-url", "address", "", "address of its JWK Set", parseJWKSURL)
	fs.StringVar(&s.Issuer, "access-issuer", "", "iss that it asks for; empty means any")
	fs.StringVar(&s.Audience, "access-audience", access.DefaultAudience, "aud that it asks for")
	parsedVar(fs, &s.MaxTTL, "access-max-ttl", "duration", "24h", "longest time that it takes a token for",
		within(time.ParseDuration, time.Minute, 366*24*time.Hour))
	addConfig(c)
	return c
}

// readToken reads one line, of bounded length.
func readToken(in io.Reader, files []string) (string, error) {
	if len(files) > 0 && files[0] != "-" {
		f, err := os.Open(files[0])
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	line, err := bufio.NewReader(io.LimitReader(in, 64<<10)).ReadString('\n')
	if err != nil && err != io.EOF {
		return "", fmt.Errorf("reading the token: %w", err)
	}
	return strings.TrimSpace(line), nil
}
