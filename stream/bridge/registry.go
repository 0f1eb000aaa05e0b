package bridge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/netsu/netsu/stream/bridge/schema"
	"github.com/netsu/netsu/stream/broker"
)

// Registry says where the schema registry is and how to speak to it. Secrets are in files, read anew for each request.
type Registry struct {
	URLs         []string // where one does not answer, the next is asked; zero: there is none
	User         string   // with PasswordFile: basic authorisation
	PasswordFile string
	TokenFile    string // of a bearer token
	TLS          broker.TLS
	// Transport makes the requests. nil: the network.
	Transport http.RoundTripper
}

const (
	askFor      = 5 * time.Second // that long an answer may take
	maxAnswer   = 4 << 20         // bytes: text is escaped in it
	maxDeep     = 16              // of references to references
	codeSubject = 40401           // the registry's words for what it does not have
	codeVersion = 40402
	codeSchema  = 40403
)

// errGone is of a schema that the registry says it does not have.
var errGone = errors.New("the registry does not have it")

// errUseless is of a schema that the registry has and that cannot be read.
var errUseless = errors.New("the schema cannot be read")

// client checks the settings, files included, and makes what asks the registry. It does not connect.
func (r Registry) client() (*sr.Client, error) {
	if len(r.URLs) == 0 {
		return nil, errors.New("the bridge's topics have schemas: say where the registry is with --registry-url, or that " +
			"a topic is plain JSON as TOPIC=json")
	}
	for _, text := range r.URLs {
		u, err := url.Parse(text)
		switch {
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
			return nil, errors.New("a schema registry's URL is none: expected https://HOST:PORT")
		case u.User != nil:
			return nil, fmt.Errorf("the URL of the schema registry at %s has a secret in it: use --registry-user and "+
				"--registry-password-file, or --registry-token-file", u.Host)
		}
	}
	if err := r.checkSecrets(); err != nil {
		return nil, err
	}
	transport := r.Transport
	if transport == nil {
		conf, err := r.TLS.Config()
		if err != nil {
			return nil, fmt.Errorf("TLS settings of the schema registry: %w", err)
		}
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.TLSClientConfig = conf
		transport = own
	}
	return sr.NewClient(sr.URLs(append([]string(nil), r.URLs...)...), sr.UserAgent("netsu"), sr.PreReq(r.authorise),
		sr.HTTPClient(&http.Client{Transport: short{transport}, Timeout: askFor}))
}

func (r Registry) checkSecrets() error {
	switch {
	case (r.User == "") != (r.PasswordFile == ""):
		return errors.New("the schema registry's user needs a password file, and the other way round")
	case r.User != "" && r.TokenFile != "":
		return errors.New("the schema registry wants a user or a token, not both")
	}
	for _, file := range []string{r.PasswordFile, r.TokenFile} {
		if file == "" {
			continue
		}
		if _, err := broker.ReadSecret(file); err != nil {
			return fmt.Errorf("settings of the schema registry: %w", err)
		}
	}
	return nil
}

func (r Registry) authorise(req *http.Request) error {
	switch {
	case r.TokenFile != "":
		token, err := broker.ReadSecret(r.TokenFile)
		req.Header.Set("Authorization", "Bearer "+token)
		return err
	case r.User != "":
		password, err := broker.ReadSecret(r.PasswordFile)
		req.SetBasicAuth(r.User, password)
		return err
	}
	return nil
}

// short bounds what an answer may be: the client would read any length.
type short struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (s short) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
	}
	return resp, err
}

// fetch asks for a schema with all that it refers to. Its error is errGone or errUseless if that is what the registry
// said, else the registry could not be asked.
func fetch(ctx context.Context, c *sr.Client, ref schemaRef) (schema.Source, error) {
	var top sr.Schema
	var err error
	if ref.guid != "" {
		var found sr.SubjectSchema
		found, err = c.SchemaByGUID(ctx, ref.guid)
		top = found.Schema
		if err != nil && hasNoGUIDs(ctx, c, err) {
			return schema.Source{}, fmt.Errorf("%w: it has no GUIDs at all", errGone)
		}
	} else {
		top, err = c.SchemaByID(ctx, int(ref.id))
	}
	if err != nil {
		return schema.Source{}, answered(err)
	}
	return resolve(ctx, c, top)
}

// resolve asks for what a schema refers to.
func resolve(ctx context.Context, c *sr.Client, top sr.Schema) (schema.Source, error) {
	s := schema.Source{Text: top.Schema}
	switch top.Type {
	case sr.TypeAvro:
		s.Kind = schema.Avro
	case sr.TypeProtobuf:
		s.Kind = schema.Protobuf
	case sr.TypeJSON:
		s.Kind = schema.JSON
	default:
		return s, fmt.Errorf("%w: it is of the unknown kind %v", errUseless, top.Type)
	}
	t := tree{c: c, to: &s, known: map[string]bool{}}
	// What is deleted for those who write may still be needed by those who read.
	return s, t.add(sr.WithParams(ctx, sr.ShowDeleted), top.References, 0)
}

// hasNoGUIDs tells of an answer that the registry has no GUIDs, as Confluent's before 8 and Apicurio's 3.0: it has no words for
// that, as nothing is at their path. Where something is at a path that all have, that was no proxy's answer, nor a wrong URL's.
func hasNoGUIDs(ctx context.Context, c *sr.Client, err error) bool {
	var said *sr.ResponseError
	if !errors.As(err, &said) || said.StatusCode != http.StatusNotFound {
		return false
	}
	_, err = c.SupportedTypes(ctx)
	return err == nil
}

// tree gathers references, each behind its own. Of two by one name, in different versions, the one met first counts, outer
// ones before those that they refer to: so serialisers read them.
type tree struct {
	c     *sr.Client
	to    *schema.Source
	known map[string]bool // by name
}

func (t *tree) add(ctx context.Context, refs []sr.SchemaReference, deep int) error {
	if deep > maxDeep {
		return fmt.Errorf("%w: it refers to others more than %d deep", errUseless, maxDeep)
	}
	for _, ref := range refs {
		if t.known[ref.Name] {
			continue
		}
		t.known[ref.Name] = true
		if len(t.known) > schema.MaxReferences {
			return fmt.Errorf("%w: it refers to more than %d others", errUseless, schema.MaxReferences)
		}
		found, err := t.c.SchemaByVersion(ctx, ref.Subject, ref.Version)
		if err = answered(err); errors.Is(err, errGone) {
			return fmt.Errorf("%w: version %d of %s, to which it refers", errGone, ref.Version, ref.Subject)
		}
		if err != nil {
			return err
		}
		if err := t.add(ctx, found.References, deep+1); err != nil {
			return err
		}
		t.to.References = append(t.to.References, schema.Reference{Name: ref.Name, Text: found.Schema.Schema})
		if n := t.to.Bytes(); n > schema.MaxText {
			return fmt.Errorf("%w: with all that it refers to it has %d bytes, at most %d are read", errUseless, n, schema.MaxText)
		}
	}
	return nil
}

// answered tells a registry that has no such schema from one that cannot be asked. Only the registry's own word counts: a
// 404 of a proxy, or of a wrong path, says nothing of a schema.
func answered(err error) error {
	var said *sr.ResponseError
	if !errors.As(err, &said) {
		return err
	}
	if said.StatusCode == http.StatusNotFound {
		switch said.ErrorCode {
		case codeSubject, codeVersion, codeSchema:
			return errGone
		}
	}
	return fmt.Errorf("%s %s: status %d, code %d", said.Method, said.URL, said.StatusCode, said.ErrorCode)
}
