package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/netsu/netsu/stream/ingest"
)

// door answers requests without sockets.
type door func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (d door) RoundTrip(r *http.Request) (*http.Response, error) { return d(r) }

func handled(h http.Handler) door {
	return func(r *http.Request) (*http.Response, error) {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Result(), nil
	}
}

func says(status int, body string) door {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}, Request: r}, nil
	}
}

// asking is a memory of schemas behind a door, and how its loop would wait for an answer.
func asking(t *testing.T, d door) *schemas {
	c, err := Registry{URLs: []string{"http://registry"}, Transport: d}.client()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := newSchemas(ctx, c, newMetrics(nil), func(string, error) {})
	t.Cleanup(func() { cancel(); s.close() })
	return s
}

// until asks as the loop does, for so long. It returns how it ended and when.
func (s *schemas) until(ref schemaRef, most time.Duration) (ready bool, refused *ingest.Reject, took time.Duration) {
	began := time.Now()
	for time.Since(began) < most {
		found, refused, wait := s.get(ref, time.Now())
		if found != nil || refused != nil {
			return found != nil, refused, time.Since(began)
		}
		if wait == 0 {
			wait = most
		}
		select {
		case a := <-s.answers:
			s.answered(a, time.Now())
		case <-time.After(wait):
		}
	}
	return false, nil, most
}

// TestOnlyTheRegistrysWordBuries: a record is given up only for a registry that says, twice, that it has no such schema. From
// everything else, for whatever time, comes neither a schema nor a refusal.
func TestOnlyTheRegistrysWordBuries(t *testing.T) {
	for name, d := range map[string]door{
		"refused":       func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") },
		"500":           says(500, `{"error_code":50001,"message":"store"}`),
		"503":           says(503, `busy`),
		"429":           says(429, ``),
		"401":           says(401, `{"error_code":401,"message":"who"}`),
		"403":           says(403, `{"error_code":40301,"message":"no"}`),
		"a proxy's 404": says(404, `<html>`),
		"another 404":   says(404, `{"error_code":404,"message":"HTTP 404 Not Found"}`),
		"no JSON":       says(200, `<html>`),
		"too long":      says(200, `{"schema":"`+strings.Repeat("x", maxAnswer)+`"}`),
	} {
		synctest.Test(t, func(t *testing.T) {
			asked := 0
			s := asking(t, func(r *http.Request) (*http.Response, error) { asked++; return d(r) })
			if ready, refused, _ := s.until(schemaRef{id: 1}, 20*time.Minute); ready || refused != nil {
				t.Errorf("%s: ready %v, refused %v", name, ready, refused)
			}
			if s.metrics.away.Load() != 1 {
				t.Errorf("%s: the registry does not count as away", name)
			}
			if asked < 40 || asked > 50 {
				t.Errorf("%s: asked %d times in 20 minutes", name, asked)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		fake := srfake.NewRegistry()
		s := asking(t, func(r *http.Request) (*http.Response, error) { asked++; return handled(fake.Handler())(r) })
		ready, refused, took := s.until(schemaRef{id: 7}, time.Hour)
		if ready || refused == nil || refused.Reason != ingest.UnknownSchema || took != goneAgain || asked != 2 {
			t.Errorf("ready %v, refused %v after %v and %d requests", ready, refused, took, asked)
		}
		s.until(schemaRef{id: 7}, time.Hour)
		if asked != 2 {
			t.Error("what is known not to be there is asked for at once")
		}
		fake.SeedSchema("t-value", 1, 7, sr.Schema{Schema: `"int"`})
		time.Sleep(goneFor)
		if ready, refused, _ := s.until(schemaRef{id: 7}, time.Hour); !ready {
			t.Errorf("a schema that came later is not found: %v", refused)
		}
	})
}

// A registry that comes back between the two answers is believed the second time.
func TestOnceGoneIsNotGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := srfake.NewRegistry()
		s := asking(t, handled(fake.Handler()))
		time.AfterFunc(goneAgain/2, func() { fake.SeedSchema("t-value", 1, 7, sr.Schema{Schema: `"int"`}) })
		if ready, refused, _ := s.until(schemaRef{id: 7}, time.Hour); !ready {
			t.Errorf("refused: %v", refused)
		}
	})
}

// Schemas that cannot be read are refused at once, whatever is wrong with them; hostile ones among them.
func TestUselessSchemas(t *testing.T) {
	fake := srfake.NewRegistry()
	fake.SeedSchema("deep", 1, 2, sr.Schema{Schema: strings.Repeat(`{"type":"array","items":`, 500) + `"int"` + strings.Repeat("}", 500)})
	ring := func(n int) string { return fmt.Sprint("ring", n) }
	answer := map[string]string{
		"/schemas/ids/1": `{"schema":"{"}`,
		"/schemas/ids/3": `{"schema":"\"int\"","references":[{"name":"a","subject":"ring0","version":1}]}`,
	}
	for n := range maxDeep + 2 { // each refers to the next
		answer["/subjects/"+ring(n)+"/versions/1"] = fmt.Sprintf(`{"schema":"\"int\"","references":[{"name":"%[1]s","subject":"%[1]s","version":1}]}`, ring(n+1))
	}
	s := asking(t, func(r *http.Request) (*http.Response, error) {
		if text := answer[r.URL.Path]; text != "" {
			return says(200, text)(r)
		}
		return handled(fake.Handler())(r)
	})
	for id := range uint32(3) {
		if ready, refused, _ := s.until(schemaRef{id: id + 1}, time.Minute); ready || refused == nil || refused.Reason != ingest.BadSchema {
			t.Errorf("schema %d: ready %v, refused %v", id+1, ready, refused)
		}
	}
}

// References are found through references, each behind its own; a circle ends.
func TestReferences(t *testing.T) {
	fake := srfake.NewRegistry()
	record := func(name, field string) string {
		return fmt.Sprintf(`{"type":"record","name":"%s","fields":[{"name":"f","type":"%s"}]}`, name, field)
	}
	to := func(names ...string) (all []sr.SchemaReference) {
		for _, name := range names {
			all = append(all, sr.SchemaReference{Name: name, Subject: name, Version: 1})
		}
		return all
	}
	fake.SeedSchema("A", 1, 1, sr.Schema{Schema: record("A", "int")})
	fake.SeedSchema("B", 1, 2, sr.Schema{Schema: record("B", "A"), References: to("A")})
	fake.SeedSchema("C", 1, 3, sr.Schema{Schema: strings.Replace(record("C", "A"), `}]`, `},{"name":"b","type":"B"}]`, 1), References: to("B", "A")})
	s := asking(t, handled(fake.Handler()))
	if ready, refused, _ := s.until(schemaRef{id: 3}, time.Minute); !ready {
		t.Fatal(refused)
	}
	v, err := s.all[schemaRef{id: 3}].schema.Decode(nil, []byte{2, 4})
	if got := fmt.Sprint(v); err != nil || got != "map[b:map[f:map[f:2]] f:map[f:1]]" {
		t.Errorf("%s: %v", got, err)
	}
}

// A type that is referred to in two versions is there once, in the version met first. What was deleted for writers can still be
// referred to; what is gone for good is named.
func TestReferencesInVersionsAndDeleted(t *testing.T) {
	fake := srfake.NewRegistry(srfake.WithGlobalCompat(sr.CompatNone))
	seed := func(subject string, version, id int, text string, refs ...sr.SchemaReference) {
		fake.SeedSchema(subject, version, id, sr.Schema{Schema: text, References: refs})
	}
	ref := func(name string, version int) sr.SchemaReference {
		return sr.SchemaReference{Name: name, Subject: name, Version: version}
	}
	seed("W", 1, 1, `{"type":"record","name":"W","fields":[{"name":"a","type":"int"}]}`)
	seed("W", 2, 2, `{"type":"record","name":"W","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}`)
	seed("P", 1, 3, `{"type":"record","name":"P","fields":[{"name":"w","type":"W"}]}`, ref("W", 1))
	const both = `{"type":"record","name":"T%d","fields":[{"name":"p","type":"P"},{"name":"w","type":"W"}]}`
	seed("new first", 1, 4, fmt.Sprintf(both, 1), ref("W", 2), ref("P", 1))
	seed("old first", 1, 5, fmt.Sprintf(both, 2), ref("P", 1), ref("W", 2))
	seed("W", 3, 7, `{"type":"record","name":"W","fields":[{"name":"c","type":"int"}]}`)
	seed("gone", 1, 6, fmt.Sprintf(both, 3), ref("W", 3), ref("P", 1))
	client, err := Registry{URLs: []string{"http://r"}, Transport: handled(fake.Handler())}.client()
	if err != nil {
		t.Fatal(err)
	}
	ask := handled(fake.Handler())
	check := func() {
		t.Helper()
		s := asking(t, ask)
		for id, want := range map[uint32]string{4: "map[p:map[w:map[a:1 b:2]] w:map[a:3 b:4]]", 5: "map[p:map[w:map[a:1]] w:map[a:2]]"} {
			ready, refused, _ := s.until(schemaRef{id: id}, time.Minute)
			if !ready {
				t.Fatal(id, refused)
			}
			v, err := s.all[schemaRef{id: id}].schema.Decode(nil, []byte{2, 4, 6, 8}[:strings.Count(want, ":")-3])
			if got := fmt.Sprint(v); err != nil || got != want {
				t.Errorf("schema %d: %s instead of %s: %v", id, got, want, err)
			}
		}
	}
	check()
	for _, subject := range []string{"new first", "old first", "gone", "P", "W"} {
		if _, err := client.DeleteSubject(t.Context(), subject, sr.SoftDelete); err != nil {
			t.Fatal(err)
		}
	}
	check()
	synctest.Test(t, func(t *testing.T) {
		s := asking(t, func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/subjects/W/versions/3" {
				return says(404, `{"error_code":40402,"message":"no version 3"}`)(r)
			}
			return ask(r)
		})
		_, refused, _ := s.until(schemaRef{id: 6}, time.Minute)
		if refused == nil || refused.Reason != ingest.UnknownSchema || !strings.Contains(refused.Detail, "schema 6") || !strings.Contains(refused.Detail, "version 3 of W") {
			t.Errorf("refused: %v", refused)
		}
	})
}

// A registry that has no GUIDs has no words for that either. Only a proxy that has nothing where schemas' kinds are
// is not believed.
func TestRegistryWithoutGUIDs(t *testing.T) {
	guid := schemaRef{guid: "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}
	for name, c := range map[string]struct {
		types door
		want  bool
	}{
		"a registry": {says(200, `["JSON","PROTOBUF","AVRO"]`), true},
		"a proxy":    {says(404, ``), false},
		"a page":     {says(200, `<html>`), false},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := asking(t, func(r *http.Request) (*http.Response, error) {
				if r.URL.Path == "/schemas/types" {
					return c.types(r)
				}
				return says(404, ``)(r)
			})
			_, refused, _ := s.until(guid, time.Hour)
			if (refused != nil) != c.want || c.want && (refused.Reason != ingest.UnknownSchema || !strings.Contains(refused.Detail, guid.guid)) {
				t.Errorf("%s: refused %v", name, refused)
			}
		})
	}
}

// The memory of schemas has bounds, and keeps what is used.
func TestSchemasInMemoryAreBounded(t *testing.T) {
	big := `{"schema":"{\"type\":\"record\",\"name\":\"R\",\"doc\":\"` + strings.Repeat("x", 200<<10) + `\",\"fields\":[]}"}`
	asked := map[string]int{}
	s := asking(t, func(r *http.Request) (*http.Response, error) {
		asked[r.URL.Path]++
		if strings.HasSuffix(r.URL.Path, "0") {
			return says(200, big)(r)
		}
		return says(200, `{"schema":"\"int\""}`)(r)
	})
	for id := range uint32(1200) {
		for _, id := range []uint32{10_000, id} {
			if ready, refused, _ := s.until(schemaRef{id: id}, time.Minute); !ready {
				t.Fatal(id, refused)
			}
		}
		if bytes := 0; len(s.all) > maxSchemas || s.bytes > maxSchemaBytes {
			t.Fatalf("%d schemas of %d bytes are kept", len(s.all), s.bytes)
		} else if id%300 == 0 {
			for _, k := range s.all {
				bytes += k.bytes
			}
			if bytes != s.bytes {
				t.Fatalf("%d bytes are kept, %d counted", bytes, s.bytes)
			}
		}
	}
	if n := asked["/schemas/ids/10000"]; n != 1 {
		t.Errorf("a schema in use was fetched %d times", n)
	}
}

// Secrets go with every request, are read anew, and are in no error.
func TestRegistrysCredentials(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var got []string
	d := door(func(r *http.Request) (*http.Response, error) {
		got = append(got, r.Header.Get("Authorization"))
		return says(401, `{"error_code":401,"message":"no"}`)(r)
	})
	password, token := file("password", "p4ss"), file("token", "t0ken")
	for _, r := range []Registry{{User: "u", PasswordFile: password}, {TokenFile: token}} {
		r.URLs, r.Transport = []string{"http://a"}, d
		c, err := r.client()
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, err := fetch(t.Context(), c, schemaRef{id: 1}); err == nil || strings.Contains(err.Error(), "p4ss") || strings.Contains(err.Error(), "t0ken") {
				t.Error(err)
			}
			file("password", "new")
			file("token", "new")
		}
		file("token", "t0ken") // as it was
	}
	if want := "[Basic dTpwNHNz Basic dTpuZXc= Bearer t0ken Bearer new]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
	for name, r := range map[string]Registry{
		"none":               {},
		"no URL":             {URLs: []string{"registry:8081"}},
		"a secret in it":     {URLs: []string{"http://u:p4ss@a"}},
		"both":               {URLs: []string{"http://a"}, User: "u", PasswordFile: password, TokenFile: token},
		"a user alone":       {URLs: []string{"http://a"}, User: "u"},
		"a file that is not": {URLs: []string{"http://a"}, TokenFile: dir + "/gone"},
	} {
		if _, err := r.client(); err == nil || strings.Contains(err.Error(), "p4ss") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}
