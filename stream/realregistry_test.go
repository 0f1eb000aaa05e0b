package stream_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/bufbuild/protocompile"
	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/bridge"
	"github.com/netsu/netsu/stream/broker"
	"github.com/netsu/netsu/stream/broker/brokertest"
	"github.com/netsu/netsu/stream/ingest"
)

// Names of the environment that tests against a real registry read. They are named TestRealRegistry…, so that CI can run just
// those.
const (
	registryEnv        = "NETSU_TEST_REGISTRY"         // its URL, of Confluent's API, without TLS
	requireRegistryEnv = "NETSU_TEST_REQUIRE_REGISTRY" // "1": a test that would be skipped for want of registryEnv fails
)

// realRegistry is the one that the environment names. Subjects are of this test alone, and of one kind of schema each, as not
// every registry takes more. Who reads comes through a proxy, which wants HTTPS, by a certificate of its own, and a password.
type realRegistry struct {
	t      testing.TB
	prefix string
	direct *sr.Client
	known  map[string]int // ids by subject and text
	counterpart
}

const registryUser, registryPassword = "netsu", "p4ss"

func openRegistry(t testing.TB) *realRegistry {
	t.Helper()
	text := os.Getenv(registryEnv)
	if text == "" {
		if os.Getenv(requireRegistryEnv) == "1" {
			t.Fatalf("%s=1 but %s is not set", requireRegistryEnv, registryEnv)
		}
		t.Skipf("needs a real schema registry: `deploy/registry/registry.sh start`, then `eval \"$(deploy/registry/registry.sh env)\"`")
	}
	at, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	r := &realRegistry{t: t, prefix: "test-" + strings.ToLower(rand.Text()[:12]) + ".", known: map[string]int{}}
	r.registrar = r
	once := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	if r.direct, err = sr.NewClient(sr.URLs(text), sr.HTTPClient(once)); err != nil {
		t.Fatal(err)
	}
	r.outages = &outages{}
	beyond := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: at.Scheme, Host: at.Host})
	proxy := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch down, proxied := r.outages.strike(); {
		case proxied:
			w.WriteHeader(http.StatusNotFound)
			return
		case down:
			panic(http.ErrAbortHandler)
		}
		if user, password, ok := req.BasicAuth(); !ok || user != registryUser || password != registryPassword {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		beyond.ServeHTTP(w, req)
	}))
	// In a bubble no time passes while somebody reads from a socket, and of a connection that stays somebody does.
	proxy.Config.SetKeepAlivesEnabled(false)
	proxy.StartTLS()
	t.Cleanup(proxy.Close)
	dir := t.TempDir()
	authority, password := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "password")
	for name, text := range map[string][]byte{password: []byte(registryPassword),
		authority: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: proxy.Certificate().Raw})} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.settings = bridge.Registry{URLs: []string{proxy.URL + at.Path}, User: registryUser, PasswordFile: password,
		TLS: broker.TLS{CAFile: authority}}
	return r
}

// RegisterSchema implements registrar.
func (r *realRegistry) RegisterSchema(subject string, s sr.Schema) (id, version int, err error) {
	own := func(subject string) string { return r.prefix + s.Type.String() + "/" + subject }
	refs := slices.Clone(s.References)
	for i := range refs {
		refs[i].Subject = own(refs[i].Subject)
	}
	s.References = refs
	key := own(subject) + " " + s.Schema
	if id, ok := r.known[key]; ok {
		return id, 0, nil
	}
	id, err = r.direct.RegisterSchema(context.Background(), own(subject), s, -1, -1)
	r.known[key] = id
	return id, 0, err
}

// TestRealRegistryEndsInTheSameMeters is TestBridgedTopicsEndInTheSameMeters, on the mixed road, with a real registry.
func TestRealRegistryEndsInTheSameMeters(t *testing.T) {
	registry := openRegistry(t)
	seed := seedOf(t)
	want := bridgedRun(t, seed, "", standIn())
	if d := diff(want, bridgedRun(t, seed, "mixed", registry.counterpart)); d != "" {
		t.Errorf("NETSU_TEST_SEED=%d: final meters differ from those of plain JSON:\n%s", seed, d)
	}
}

// saying is a record of a chat, by some schema, and what must become of it: a comment, or a dead letter.
type saying struct {
	name   string
	value  []byte
	buried ingest.Reason // empty: it becomes a comment
	detail string        // is in the dead letter's
}

// TestRealRegistryKeepsSchemas: schemas in all the ways in which a registry keeps them, of which each has written one
// record. The registry is away when the bridge starts: then nothing is bridged and nothing buried, and the bridge says why.
func TestRealRegistryKeepsSchemas(t *testing.T) {
	registry := openRegistry(t)
	topic := registry.prefix + "chat"
	sayings := registry.sayings(topic)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(bubbleDay))
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		k := brokertest.Bubble(t)
		k.Create(t, 2)
		cl := k.Client(t)
		if _, err := kadm.NewClient(cl).CreateTopics(ctx, 1, 1, nil, topic); err != nil {
			t.Fatal(err)
		}
		mappings := t.TempDir()
		if err := os.WriteFile(filepath.Join(mappings, topic+".yaml"), []byte(houseChat), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, s := range sayings {
			if err := cl.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: s.value}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		registry.outages.down.Store(true)
		out := &said{}
		p, err := stream.Open(ctx, stream.Settings{DataDir: t.TempDir(), Cluster: k.Cluster, Roles: []stream.Role{stream.RoleBridge},
			Logger: slog.New(slog.NewTextHandler(out, nil)), BridgeTopics: []string{topic}, BridgeMappings: mappings, Registry: registry.settings})
		if err != nil {
			t.Fatal(err)
		}
		running, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- p.Run(running) }()
		comments := func() (ids []string) {
			if err := readTopic(ctx, k.Cluster, k.Topics.Comments, func(r *kgo.Record) {
				ids = append(ids, fmt.Sprint(rawValue(t, r.Value)["event_id"]))
			}); err != nil {
				t.Fatal(err)
			}
			return ids
		}
		letters := func() (all map[int64]*ingest.DeadLetter) {
			all = map[int64]*ingest.DeadLetter{}
			if err := ingest.List(ctx, k.Cluster, k.Topics, ingest.Filter{}, func(d *ingest.DeadLetter) error {
				all[d.Offset] = d
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			return all
		}
		time.Sleep(5 * time.Minute)
		if n, m := len(comments()), len(letters()); n+m > 0 || !strings.Contains(out.String(), "the schema registry cannot be asked") {
			t.Errorf("%d comments and %d dead letters without a registry; it said:\n%s", n, m, out)
		}
		registry.outages.down.Store(false)
		time.Sleep(2 * time.Minute)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		var want []string
		got := letters()
		for i, s := range sayings {
			d := got[int64(i)]
			switch {
			case s.buried == "":
				want = append(want, s.name)
				if d != nil {
					t.Errorf("%s: a dead letter, %s: %s", s.name, d.Reason, d.Detail)
				}
			case d == nil:
				t.Errorf("%s: no dead letter", s.name)
			case d.Reason != s.buried || !strings.Contains(d.Detail, s.detail) || string(d.Value) != string(s.value):
				t.Errorf("%s: a dead letter %s: %s; want %s: …%s…", s.name, d.Reason, d.Detail, s.buried, s.detail)
			}
		}
		if d := cmp.Diff(want, comments()); d != "" {
			t.Errorf("comments (-want +got):\n%s", d)
		}
		registry.checks(t, ctx, topic, mappings)
	})
}

// checks is what netsu check says with these settings, and with a wrong password.
func (r *realRegistry) checks(t *testing.T, ctx context.Context, topic, mappings string) {
	t.Helper()
	inputs, err := bridge.Inputs([]string{topic}, mappings)
	if err != nil {
		t.Fatal(err)
	}
	found := bridge.Try(ctx, r.settings, inputs)
	if last := found[len(found)-1]; last.Err != nil || !strings.Contains(last.Detail, topic+"-value version 2, id ") ||
		!strings.Contains(last.Detail, "Protobuf; the mapping's paths are in it, in its message house.Room.Chat") {
		t.Errorf("checked: %+v", found)
	}
	wrong := r.settings
	wrong.PasswordFile = filepath.Join(t.TempDir(), "wrong")
	if err := os.WriteFile(wrong.PasswordFile, []byte("n0ne"), 0o600); err != nil {
		t.Fatal(err)
	}
	found = bridge.Try(ctx, wrong, inputs)
	if last := found[len(found)-1]; last.Err == nil || !strings.Contains(last.Err.Error(), "401") || strings.Contains(last.Err.Error(), "n0ne") {
		t.Errorf("checked with a wrong password: %+v", found)
	}
}

// sayings registers schemas and writes a record by each, of which the name is the event's id.
func (r *realRegistry) sayings(topic string) (all []saying) {
	const when = 1_772_395_200_000 // bubbleDay
	ctx := r.t.Context()
	register := func(subject string, kind sr.SchemaType, text string, refs ...sr.SchemaReference) int {
		r.t.Helper()
		id, err := r.direct.RegisterSchema(ctx, subject, sr.Schema{Schema: text, Type: kind, References: refs}, -1, -1)
		if err != nil {
			r.t.Fatal(subject, err)
		}
		return id
	}
	ref := func(name, subject string, version int) sr.SchemaReference {
		return sr.SchemaReference{Name: name, Subject: subject, Version: version}
	}
	add := func(name string, id int, body []byte) {
		all = append(all, saying{name: name, value: append(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), body...)})
	}
	bury := func(name string, value []byte, reason ingest.Reason, detail string) {
		all = append(all, saying{name, value, reason, detail})
	}

	// Avro: two versions of a subject, and a type that is referred to in two versions.
	text := func(s string) []byte { return append(binary.AppendVarint(nil, int64(len(s))), s...) }
	long := func(n int64) []byte { return binary.AppendVarint(nil, n) }
	who := func(more string) string {
		return `{"type":"record","name":"Who","namespace":"house","fields":[{"name":"id","type":"string"}` + more + `]}`
	}
	chat := func(who, more string) string {
		return `{"type":"record","name":"Chat","namespace":"house","fields":[{"name":"id","type":"string"},{"name":"at","type":{"type":"long",
			"logicalType":"timestamp-millis"}},{"name":"show","type":"string"},{"name":"who","type":` + who + `},{"name":"says","type":"string"}` + more + `]}`
	}
	avro := func(name string, tail ...[]byte) []byte {
		return slices.Concat(slices.Concat(text(name), long(when), text("S1"), text("w"), text("hello")), slices.Concat(tail...))
	}
	subject := r.prefix + "avro-value"
	first := register(subject, sr.TypeAvro, chat(`"string"`, ""))
	second := register(subject, sr.TypeAvro, chat(`"string"`, `,{"name":"mood","type":"int","default":1}`))
	register(r.prefix+"house.Who", sr.TypeAvro, who(""))
	register(r.prefix+"house.Who", sr.TypeAvro, who(`,{"name":"stars","type":"int","default":0}`))
	old := ref("house.Who", r.prefix+"house.Who", 1)
	register(r.prefix+"house.Reply", sr.TypeAvro, `{"type":"record","name":"Reply","namespace":"house","fields":[{"name":"by","type":"Who"}]}`, old)
	twice := register(r.prefix+"twice-value", sr.TypeAvro, chat(`"string"`, `,{"name":"fan","type":"Who"},{"name":"reply","type":"Reply"}`),
		ref("house.Who", r.prefix+"house.Who", 2), ref("house.Reply", r.prefix+"house.Reply", 1))
	add("Avro", first, avro("Avro"))
	add("Avro, a later version", second, avro("Avro, a later version", long(3)))
	add("Avro, a type in two versions", twice, avro("Avro, a type in two versions", text("f"), long(5), text("g"), long(4)))

	// Protobuf: imports, a message within another, imports that nobody registers, descriptors in place of text.
	const time3 = `import "google/protobuf/timestamp.proto"; `
	person := `syntax = "proto3"; package house; message Person { string name = 1; }`
	room := func(imports, more string) string {
		return `syntax = "proto3"; package house; ` + time3 + imports + `message Nothing {} message Room { message Chat { string id = 1;
			google.protobuf.Timestamp at = 2; string show = 3; string who = 4; string says = 5; ` + more + ` } }`
	}
	field := func(n int, b []byte) []byte {
		return slices.Concat([]byte{byte(n<<3 | 2), byte(len(b))}, b)
	}
	message := func(name string, tail ...byte) []byte {
		at := append([]byte{0x08}, binary.AppendUvarint(nil, when/1000)...)
		return slices.Concat([]byte{4, 2, 0}, field(1, []byte(name)), field(2, at), field(3, []byte("S1")), field(4, []byte("w")),
			field(5, []byte("hello")), tail)
	}
	const path = "house/person.proto" // as serialisers name subjects of imports: by their path
	register(r.prefix+path, sr.TypeProtobuf, person)
	imports := ref(path, r.prefix+path, 1)
	add("Protobuf", register(r.prefix+"proto-value", sr.TypeProtobuf, room(`import "house/person.proto"; `, "Person of = 6;"), imports),
		message("Protobuf", 0x32, 0x03, 0x0a, 0x01, 'p'))
	add("Protobuf, an address", register(r.prefix+"address-value", sr.TypeProtobuf,
		room(`import "google/type/postal_address.proto"; `, "google.type.PostalAddress to = 6;")), message("Protobuf, an address", 0x32, 0x04, 0x12, 0x02, 'J', 'P'))
	files := map[string]string{path: person, "room.proto": room(`import "house/person.proto"; `, "Person of = 6; optional string mood = 7;")}
	register(r.prefix+"described", sr.TypeProtobuf, described(r.t, files, path))
	add("Protobuf, descriptors", register(topic+"-value", sr.TypeProtobuf, described(r.t, files, "room.proto"), ref(path, r.prefix+"described", 1)),
		message("Protobuf, descriptors", 0x32, 0x03, 0x0a, 0x01, 'p'))
	register(topic+"-value", sr.TypeProtobuf, room(`import "house/person.proto"; `, "Person of = 6; int32 stars = 8;"), imports)

	// JSON Schema, and what was deleted.
	body := func(name string) []byte {
		return fmt.Appendf(nil, `{"id":%q,"at":"2026-03-01T20:00:00Z","show":"S1","who":"w","says":"hello"}`, name)
	}
	object := func(title string) string {
		return fmt.Sprintf(`{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","title":%q}`, r.prefix+title)
	}
	add("JSON Schema", register(r.prefix+"json-value", sr.TypeJSON, object("kept")), body("JSON Schema"))
	softly := register(r.prefix+"softly-value", sr.TypeJSON, object("softly"))
	add("deleted softly", softly, body("deleted softly"))
	gone := register(r.prefix+"gone-value", sr.TypeJSON, object("gone"))
	for _, d := range []struct {
		subject string
		how     sr.DeleteHow
	}{{"softly-value", sr.SoftDelete}, {"gone-value", sr.SoftDelete}, {"gone-value", sr.HardDelete}} {
		if _, err := r.direct.DeleteSubject(ctx, r.prefix+d.subject, d.how); err != nil {
			r.t.Fatal(err)
		}
	}
	id := func(n uint32) []byte { return append(binary.BigEndian.AppendUint32([]byte{0}, n), body("x")...) }
	bury("deleted for good", id(uint32(gone)), ingest.UnknownSchema, fmt.Sprint("schema ", gone, ": "))
	bury("an id that never was", id(1_999_999_999), ingest.UnknownSchema, "schema 1999999999: ")
	bury("no id", id(0xfffffff0), ingest.BadBytes, "expected a schema's id")
	guid, err := hex.DecodeString("016ba7b8109dad11d180b400c04fd430c8")
	if err != nil {
		r.t.Fatal(err)
	}
	bury("a GUID that never was", append(guid, body("x")...), ingest.UnknownSchema, "schema 6ba7b810-9dad-11d1-80b4-00c04fd430c8: ")
	return all
}

// described is a file of .proto as a descriptor in base64.
func described(t testing.TB, files map[string]string, name string) string {
	t.Helper()
	c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{
		Accessor: protocompile.SourceAccessorFromMap(files)})}
	all, err := c.Compile(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	b, err := proto.Marshal(protodesc.ToFileDescriptorProto(all[0]))
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b)
}
