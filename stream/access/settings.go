package access

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/prometheus/client_golang/prometheus"
)

// Settings of a port's access. Zero: open on a loopback address, refused on any other.
type Settings struct {
	KeysFile string // JWK Set, PEM or a secret; read again when it changes
	JWKSURL  string // a JWK Set of public keys, read each minute
	Issuer   string // that tokens must name; zero: any
	Audience string // that tokens must name; zero: DefaultAudience
	// MaxTTL is the longest time that a token may have left. Zero: DefaultMaxTTL.
	MaxTTL time.Duration
	// Open leaves the port to whoever reaches it, on any address: for one behind a proxy that decides.
	Open bool
	// Origins are web origins whose pages may open the feed beside the server's own.
	Origins []string
	Limits  Limits
	// Registerer of the metrics. Zero: there are none.
	Registerer prometheus.Registerer
}

// The defaults of Settings.
const (
	DefaultAudience = "netsu"
	DefaultMaxTTL   = 24 * time.Hour
)

func (s *Settings) keyed() bool { return s.KeysFile != "" || s.JWKSURL != "" }

// Check tells whether a port on the address may be opened with the settings, and says the way out where not.
func (s *Settings) Check(listen string) error {
	switch {
	case s.Open && s.keyed():
		return errors.New("the port is to be open, and to have keys: take back --access open, or --access-keys-file and " +
			"--access-jwks-url")
	case s.Open || s.keyed() || loopback(listen):
		return nil
	}
	return fmt.Errorf("%s is not a loopback address, and there are no keys: anyone who reaches it could read everything. "+
		"Make keys with `netsu token new-key` and name them with --access-keys-file (or a JWK Set with --access-jwks-url), "+
		"listen on 127.0.0.1, or, behind a proxy that decides who may read, say --access open", listen)
}

// loopback tells whether nobody but this machine reaches an address.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	return localName(host)
}

func localName(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Open makes the guard of a port. Reading a JWK Set by URL goes on until ctx ends.
func Open(ctx context.Context, s Settings, listen string, log *slog.Logger) (*Guard, error) {
	if err := s.Check(listen); err != nil {
		return nil, err
	}
	g := &Guard{origins: s.Origins, limits: newAccounts(s.Limits), failures: newFailures()}
	if !s.keyed() {
		g.metrics = newMetrics(s.Registerer, nil)
		g.local = !s.Open
		if s.Open && !loopback(listen) {
			log.Warn("ACCESS IS OPEN: whoever reaches the port reads everything (--access open)", "listen", listen)
		}
		return g, nil
	}
	if s.Audience == "" {
		s.Audience = DefaultAudience
	}
	if s.MaxTTL == 0 {
		s.MaxTTL = DefaultMaxTTL
	}
	var keys *keysFile
	var set jwkset.Storage
	var err error
	if s.KeysFile != "" {
		if keys, err = openKeysFile(s.KeysFile, log); err != nil {
			return nil, err
		}
	}
	g.metrics = newMetrics(s.Registerer, keys)
	if s.JWKSURL != "" {
		if set, err = openSet(ctx, s.JWKSURL, log, g.metrics); err != nil {
			return nil, err
		}
	}
	g.verifier = newVerifier(keys.now, set, s.Issuer, s.Audience, s.MaxTTL)
	return g, nil
}

const (
	setEvery   = time.Minute
	setTimeout = 10 * time.Second
)

// CheckURL tells whether a JWK Set may be read from there: what comes over plain HTTP may come from anyone on the way.
func CheckURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && localName(u.Hostname())) {
		return errors.New("is not an https:// address (http:// is taken of a loopback one)")
	}
	return nil
}

// openSet reads a JWK Set, and again each minute. Until it has been read once it holds no keys, and nobody gets in: that
// the issuer is away must not keep the rest of the program from starting.
func openSet(ctx context.Context, address string, log *slog.Logger, m *metrics) (jwkset.Storage, error) {
	if err := CheckURL(address); err != nil {
		return nil, fmt.Errorf("--access-jwks-url %q %w", address, err)
	}
	o := setOptions(ctx)
	o.NoErrorReturnFirstHTTPReq, o.RefreshInterval = true, setEvery
	o.RefreshErrorHandler = func(_ context.Context, err error) {
		m.setFailed()
		log.Error("reading the JWK Set; the keys read before stay in force", "url", address, "err", err)
	}
	set, err := jwkset.NewStorageFromHTTP(address, o)
	if err != nil {
		return nil, fmt.Errorf("preparing to read the JWK Set: %w", err)
	}
	return set, nil
}

func setOptions(ctx context.Context) jwkset.HTTPClientStorageOptions {
	return jwkset.HTTPClientStorageOptions{
		Client: &http.Client{Transport: bounded{http.DefaultTransport}, CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("the address of a JWK Set is not to redirect")
		}},
		Ctx: ctx, HTTPTimeout: setTimeout, Storage: nonempty{jwkset.NewMemoryStorage()},
	}
}

// ReadSet reads a JWK Set by its address once, as a port does each minute, and tells how many keys of it tokens may be verified with.
func ReadSet(ctx context.Context, address string) (keys int, err error) {
	if err := CheckURL(address); err != nil {
		return 0, err
	}
	set, err := jwkset.NewStorageFromHTTP(address, setOptions(ctx))
	if err != nil {
		return 0, err
	}
	all, err := set.KeyReadAll(ctx)
	return usable(all), err
}

// nonempty keeps the keys that it has where it is given none that tokens could be verified with: {"error":"try again"} is a JWK Set
// without keys to a decoder, and would lock everybody out within a minute.
type nonempty struct{ jwkset.Storage }

// KeyReplaceAll implements jwkset.Storage.
func (n nonempty) KeyReplaceAll(ctx context.Context, given []jwkset.JWK) error {
	if usable(given) == 0 {
		return errors.New("there is no key in it that a token may be verified with: EdDSA or ES256, with a kid")
	}
	return n.Storage.KeyReplaceAll(ctx, given)
}

func usable(keys []jwkset.JWK) (n int) {
	for _, k := range keys {
		if _, ok := ofSet(k); ok {
			n++
		}
	}
	return n
}

// bounded reads no more of an answer than a JWK Set can have.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxKeysBytes)
	}
	return resp, err
}

// hostAllowed keeps a page of elsewhere, whose name was made to lead to this machine, from a port that is open because only
// this machine reaches it: the name is the page's, and no loopback one.
func (g *Guard) hostAllowed(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return localName(host) || slices.ContainsFunc(g.origins, func(o string) bool {
		u, err := url.Parse(o)
		return err == nil && u.Host == hostport
	})
}
