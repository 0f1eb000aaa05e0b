package feed

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/netsu/netsu/stream/access"
	"github.com/netsu/netsu/stream/event/eventpb"
)

// TestTranscripts replays conversations with the server as partners read them. testdata/transcripts/README.md has the words;
// of a file, lines of the client and steps of the world are the input, and with -update the server's lines are written anew.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	said := ""
	for _, path := range files {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := transcribe(t, strings.Split(strings.TrimRight(string(b), "\n"), "\n"))
			golden(t, filepath.Join("transcripts", filepath.Base(path)), []byte(got))
			said += got
		})
	}
	// Every code of an err frame is in some transcript, so that a partner can see what it is the answer to.
	for _, c := range codes {
		shown := strings.Contains(said, `"t":"err"`) && regexp.MustCompile(`"t":"err".*"code":"`+c.name+`"`).MatchString(said)
		if c.on&onFrames != 0 && !shown && !slices.Contains(seldomSaid, c.name) && !strings.HasPrefix(c.name, "TOKEN_") {
			t.Errorf("no transcript has an err %s", c.name)
		}
	}
}

// seldomSaid are codes of frames that no transcript has. Those that begin with TOKEN_ are the tests' of stream/access.
var seldomSaid = []string{
	"INTERNAL",                                  // a defect
	"TOO_MANY_WATCHES",                          // after 32
	"TOO_MANY_BASES",                            // after 16: basis_test.go
	"TOO_MANY_CONNECTIONS", "TOO_MANY_FAILURES", // of a token's subject, and of an address
	"REVOKED", // porch_test.go: an ESOL's show becomes another's
}

// transcript is a conversation under way.
type transcript struct {
	*testing.T
	rig   *rig
	key   access.Key
	out   strings.Builder
	now   *client // the last that came
	shown int     // of its frames
	beats bool
	body  *answerBody // instead of a client
	all   []*client
	stops []func()
}

func transcribe(t *testing.T, lines []string) string {
	var out string
	synctest.Test(t, func(t *testing.T) {
		s := &transcript{T: t}
		s.serve(lines)
		defer s.rig.close()
		time.Sleep(37 * time.Millisecond) // what is said now, or tenths of seconds later, falls between the server's own
		for _, line := range lines {
			s.line(line)
		}
		for _, c := range s.all {
			c.close()
		}
		if s.body != nil {
			s.body.close()
		}
		for _, stop := range s.stops {
			stop()
		}
		out = s.out.String()
	})
	return out
}

// serve makes the server, as the lines "! server" say.
func (s *transcript) serve(lines []string) {
	c := Config{}
	for _, line := range lines {
		settings, ok := strings.CutPrefix(line, "! server ")
		if !ok {
			continue
		}
		for _, setting := range strings.Fields(settings) {
			name, value, _ := strings.Cut(setting, "=")
			switch name {
			case "max_subs":
				c.MaxSubs = s.int(value)
			case "max_subs_total":
				c.MaxSubsTotal = s.int(value)
			case "keys":
				c.Guard, s.key = guarded(s.T, access.Limits{})
			case "tape":
				c.Tape = Taping{Dir: s.TempDir()}
			default:
				s.Fatalf("a server has no %s", name)
			}
		}
	}
	s.rig = newRig(s.T, c)
	if c.Tape.Dir != "" {
		s.stops = append(s.stops, s.rig.taped())
	}
}

func (s *transcript) line(line string) {
	kind, rest, _ := strings.Cut(line, " ")
	if kind == ">" {
		return
	}
	fmt.Fprintln(&s.out, line)
	switch {
	case line == "" || kind == "#":
		return
	case kind == "<":
		s.say(rest)
	case kind == "!" && strings.HasPrefix(rest, "server "):
	case kind == "!":
		s.step(strings.Fields(rest))
	default:
		s.Fatalf("expected a line with #, !, < or >, got %q", line)
	}
	s.flush()
}

var tokenWord = regexp.MustCompile(`\{token ([^ }]+) ([^ }]+) ([^ }]+)\}`)

// say is the client's line: a frame, or a request.
func (s *transcript) say(text string) {
	text = tokenWord.ReplaceAllStringFunc(text, func(word string) string {
		m := tokenWord.FindStringSubmatch(word)
		return token(s.T, s.key, m[1], strings.Split(m[2], ","), strings.Split(m[3], ","))
	})
	path, ok := strings.CutPrefix(text, "GET ")
	if !ok {
		if s.now == nil {
			s.connect()
			s.flush()
		}
		s.now.say(text)
		return
	}
	path, accept, _ := strings.Cut(path, " Accept: ")
	if strings.HasPrefix(path, "/v1/stream") || strings.HasPrefix(path, "/v1/export") { // many lines
		s.body = s.rig.endless(s.T, path, accept)
		return
	}
	status, body, _ := s.rig.get(path)
	fmt.Fprintf(&s.out, "> %d %s", status, body)
}

func (s *transcript) connect() {
	before := s.now
	s.now, s.shown = s.rig.client(), 0
	s.all = append(s.all, s.now)
	if before != nil { // it comes back with what it holds
		before.close()
		s.now.rules, s.now.state, s.now.cursor, s.now.hash = before.rules, before.state, before.cursor, before.hash
	}
}

// flush writes what the server has said since.
func (s *transcript) flush() {
	synctest.Wait()
	if s.body != nil {
		for _, line := range s.body.lines(s.beats) {
			fmt.Fprintf(&s.out, "> %s\n", masked(line))
		}
	}
	if s.now == nil {
		return
	}
	s.now.mu.Lock()
	defer s.now.mu.Unlock()
	for _, f := range s.now.frames[s.shown:] {
		fmt.Fprintf(&s.out, "> %s\n", masked(f.raw))
	}
	s.shown = len(s.now.frames)
	if s.beats {
		for _, f := range s.now.beats {
			fmt.Fprintf(&s.out, "> %s\n", masked(f.raw))
		}
	}
	s.now.beats = nil
}

var sessionWord = regexp.MustCompile(`"session":"[0-9a-f]{8}"`)

// masked is a line without what is another's each time.
func masked(line string) string { return sessionWord.ReplaceAllString(line, `"session":"*"`) }

func (s *transcript) int(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		s.Fatal(err)
	}
	return n
}

// step is something that happens in the world.
func (s *transcript) step(words []string) {
	verb, of := words[0], words[1:]
	want, known := steps[verb]
	if !known || want != len(of) && want >= 0 {
		s.Fatalf("expected a step with its words, as testdata/transcripts/README.md has them, got %q", words)
	}
	r := s.rig
	switch verb {
	case "connect":
		s.connect()
	case "onlooker": // somebody else with the same sub, so that its states are remembered
		c := r.client()
		c.subscribe(of[0], fmt.Sprintf(`,"fields":["%s"]`, strings.ReplaceAll(of[1], ",", `","`)))
		s.all = append(s.all, c)
	case "heartbeats":
		s.beats = true
		if s.now != nil {
			s.now.heartbeats()
		}
	case "sleep":
		d, err := time.ParseDuration(of[0])
		if err != nil {
			s.Fatal(err)
		}
		time.Sleep(d)
	case "money":
		m := moneyMeter(of[0], int64(s.int(of[1])))
		m.Money.Gmv = m.Money.Gmv[:1]
		r.apply(m)
	case "campaign":
		meters := campaignMeters(of[0])
		meters[0].Money.Gmv[0].NetMinor = int64(s.int(of[2]))
		for _, m := range meters {
			m.Model = of[1]
		}
		r.apply(meters...)
		r.apply(dealMeters(of[0], "hanako", 44, 220_000, 30_000, 7.33)...)
	case "room":
		t, err := strconv.ParseFloat(of[3], 64)
		if err != nil {
			s.Fatal(err)
		}
		r.apply(roomMeter(of[0], of[1], int64(s.int(of[2])), t))
	case "ended":
		m := roomMeter(of[0], of[1], 0, 0)
		m.Room.State = eventpb.RoomState_ROOM_STATE_ENDED
		r.apply(m)
	case "busy": // a reader who takes nothing for so many changes
		s.now.pause()
		for i := range s.int(of[1]) {
			r.apply(roomMeter(of[0], "hanako", int64(50+i), 1))
			time.Sleep(70 * time.Millisecond)
		}
		s.now.unpause()
	case "forget":
		r.takeBack(of[0], of[1])
	case "alert":
		s.alert(of)
	case "restate":
		r.offset++
		a := exampleRestatement()
		a.Scope, a.Id, a.EsolId = of[0], of[0]+"/restate/"+of[1], ""
		a.Restatement.Revision = int64(s.int(of[1]))
		r.take(fmt.Sprintf("ledger/0/%d/0", r.offset), a)
	case "lost": // events before the so-manyth are no longer held
		r.server.hub.mu.Lock()
		past, before := &r.server.hub.past, int64(s.int(of[0]))
		past.floor[0] = before
		past.held = slices.DeleteFunc(past.held, func(e pastEvent) bool { return e.offset < before })
		r.server.hub.mu.Unlock()
	case "catching_up", "live":
		r.server.hub.mu.Lock()
		r.server.hub.live = verb == "live"
		r.server.hub.mu.Unlock()
	case "stop":
		r.server.stop()
		if s.now != nil {
			<-s.now.ended
		}
	}
}

// steps are the verbs, with how many words follow; -1: any number.
var steps = map[string]int{
	"connect": 0, "onlooker": 2, "heartbeats": 0, "sleep": 1, "money": 2, "campaign": 3, "room": 4, "ended": 2, "busy": 2, "forget": 2, "alert": -1, "restate": 2, "lost": 1,
	"catching_up": 0, "live": 0, "stop": 0,
}

// alert is of a show, a kind, and numbers as gauge=81.5.
func (s *transcript) alert(of []string) {
	if len(of) < 2 {
		s.Fatal("an alert is of a show and a kind")
	}
	offset := s.rig.taken
	s.rig.taken++
	a := &eventpb.Alert{
		Id: fmt.Sprintf("show/%s/%s/%d", of[0], of[1], offset), Scope: "show/" + of[0], ShowId: of[0], EsolId: "hanako", Kind: of[1],
		TimeMs: noon*1000 - 1000,
	}
	for _, word := range of[2:] {
		name, text, _ := strings.Cut(word, "=")
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			s.Fatal(err)
		}
		a.Numbers = append(a.Numbers, &eventpb.Number{Name: name, Value: v})
	}
	s.rig.alert(offset, alertDocument(a))
}

// answerBody is an answer that does not end.
type answerBody struct {
	mu    sync.Mutex
	text  []string
	close func()
}

// endless asks for one.
func (r *rig) endless(t *testing.T, path, accept string) *answerBody {
	t.Helper()
	tr := &http.Transport{DialContext: r.net.DialContext}
	req, err := http.NewRequest(http.MethodGet, "http://"+rigAddr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if accept != "" {
		req.Header.Set("Accept", accept)
	}
	res, err := (&http.Client{Transport: tr}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	b := &answerBody{text: []string{fmt.Sprint(res.StatusCode, " ", res.Header.Get("Content-Type"))}}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s := bufio.NewScanner(res.Body)
		for s.Buffer(nil, 1<<20); s.Scan(); {
			b.mu.Lock()
			b.text = append(b.text, s.Text())
			b.mu.Unlock()
		}
	}()
	b.close = func() {
		_ = res.Body.Close()
		<-ended
		tr.CloseIdleConnections()
	}
	return b
}

// lines are those that came since, without heartbeats if so wanted, and without the empty ones between events.
func (b *answerBody) lines(beats bool) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var lines []string
	for i, line := range b.text {
		next := line
		if strings.HasPrefix(line, "id: ") && i+1 < len(b.text) {
			next = b.text[i+1]
		}
		if line != "" && (beats || !strings.Contains(next, `{"t":"hb",`)) {
			lines = append(lines, line)
		}
	}
	b.text = nil
	return lines
}

// transcriptLines are those of all transcripts.
func transcriptLines() [][]byte {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil {
		panic(err)
	}
	var lines [][]byte
	for _, path := range files { // in order
		b, err := os.ReadFile(path)
		if err != nil {
			panic(err)
		}
		lines = append(lines, bytes.Split(b, []byte("\n"))...)
	}
	return lines
}

// frameExamples are the first frames of each kind in the transcripts, of a side, that are as they should be.
func frameExamples(side byte) map[string][][]byte {
	found := map[string][][]byte{}
	for _, line := range transcriptLines() {
		if len(line) < 3 || line[0] != side || line[2] != '{' {
			continue
		}
		kind := frameKind(line[2:])
		if kind != "" && len(found[kind]) < examplesOfAFrame && validFrame(sides[side], line[2:]) == nil {
			found[kind] = append(found[kind], line[2:])
		}
	}
	return found
}

const examplesOfAFrame = 2

var sides = map[byte]string{'<': "client", '>': "server"}

// frameKind is a frame's t.
func frameKind(text []byte) string {
	var f struct{ T string }
	if json.Unmarshal(text, &f) != nil {
		return ""
	}
	return f.T
}
