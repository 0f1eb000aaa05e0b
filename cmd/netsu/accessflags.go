package main

import (
	"net/url"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/netsu/netsu/stream/access"
)

// addAccess adds who may read what at --listen.
func (f *programFlags) addAccess(fs *pflag.FlagSet) {
	a := &f.access
	parsedVar(fs, &a.Open, "access", "string", "", "open: whoever reaches --listen may read everything, on any address, as "+
		"behind a proxy that decides; empty means by the keys below, and without them open on a loopback address only", parseAccess)
	fs.StringVar(&a.KeysFile, "access-keys-file", "", "file with the keys that tokens for --listen are verified with: a JWK Set "+
		"(netsu token new-key), PEM, or a secret of at least 32 bytes in hex or base64; read again when it changes")
	parsedVar(fs, &a.JWKSURL, "access-jwks-url", "address", "", "https address of a JWK Set that tokens are verified with too, "+
		"read each minute", parseJWKSURL)
	fs.StringVar(&a.Issuer, "access-issuer", "", "iss that tokens must have; empty means any")
	fs.StringVar(&a.Audience, "access-audience", access.DefaultAudience, "aud that tokens must have")
	parsedVar(fs, &a.MaxTTL, "access-max-ttl", "duration", "24h", "longest time that a token may have left",
		within(time.ParseDuration, time.Minute, 366*24*time.Hour))
	number := func(to *int, name, byDefault, usage string) {
		parsedVar(fs, to, name, "int", byDefault, usage, func(s string) (int, error) {
			n, err := within(parseNumber, 1, 1_000_000)(s)
			return int(n), err
		})
	}
	number(&a.Limits.Connections, "access-connections", "50", "connections to the feed at once, for each subject of tokens and "+
		"each signed address")
	number(&a.Limits.Subs, "access-subs", "1000", "subscriptions of all of them, likewise")
	number(&a.Limits.PerSecond, "access-rate", "100", "requests and frames a second, likewise; ten times that at once")
	parsedVar(fs, &a.Origins, "origins", "stringSlice", "", "web origins, as https://overlay.example, whose pages may open the "+
		"feed, beside the page's own", parseOrigins)
	fs.StringVar(&f.certFile, "listen-tls-cert-file", "", "certificate of --listen, PEM, read again when it changes; empty "+
		"means no TLS")
	fs.StringVar(&f.certKeyFile, "listen-tls-key-file", "", "its key, PEM, likewise")
}

func parseAccess(s string) (open bool, err error) {
	switch s {
	case "", "open":
		return s == "open", nil
	}
	return false, ownReason("is not open; access by keys needs none but --access-keys-file or --access-jwks-url")
}

func parseJWKSURL(s string) (string, error) {
	if s == "" {
		return s, nil
	}
	if err := access.CheckURL(s); err != nil {
		return s, ownReason(err.Error())
	}
	return s, nil
}

func parseOrigins(s string) ([]string, error) {
	if s == "" {
		return nil, nil
	}
	origins := strings.Split(s, ",")
	for i, o := range origins {
		o = strings.TrimSpace(o)
		u, err := url.Parse(o)
		if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || o != u.Scheme+"://"+u.Host {
			return nil, ownReason("is not web origins such as https://overlay.example, with commas between them")
		}
		origins[i] = o
	}
	return origins, nil
}
