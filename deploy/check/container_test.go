package check

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// The Dockerfile parses, its last stage is distroless and not root, and its command is one that the program takes.
func TestDockerfile(t *testing.T) {
	file, err := parser.Parse(bytes.NewReader(read(t, "../container/Dockerfile")))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range file.Warnings {
		t.Errorf("the parser warns: %s", w.Short)
	}
	stages, _, err := instructions.Parse(file.AST, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stages {
		if _, tag, ok := strings.Cut(s.BaseName, ":"); !ok || tag == "latest" {
			t.Errorf("%s is not pinned", s.BaseName)
		}
	}
	last := stages[len(stages)-1]
	if !strings.Contains(last.BaseName, "distroless/static") {
		t.Errorf("the last stage is from %s", last.BaseName)
	}
	var user string
	var entry, command, exposed []string
	for _, c := range last.Commands {
		switch c := c.(type) {
		case *instructions.UserCommand:
			user = c.User
		case *instructions.EntrypointCommand:
			entry = c.CmdLine
		case *instructions.CmdCommand:
			command = c.CmdLine
		case *instructions.ExposeCommand:
			exposed = append(exposed, c.Ports...)
		case *instructions.RunCommand:
			t.Error("the last stage runs something, and has no shell to run it with")
		}
	}
	if user != "65532:65532" || !slices.Equal(entry, []string{"/netsu"}) || command[0] != "run" {
		t.Fatalf("user %q, entry point %q, command %q", user, entry, command)
	}
	got := inForce(t, []string{"NETSU_DATA_DIR=/var/lib/netsu"}, command[1:]...)
	if want := []string{"8080", "8081"}; !slices.Equal(exposed, want) || got["listen"] != ":8080" || got["ops_listen"] != ":8081" {
		t.Errorf("exposes %v, listens on %s and %s", exposed, got["listen"], got["ops_listen"])
	}
	for _, ignored := range []string{"go.mod", "cmd", "stream", "operators", "state", "dashboards/live"} {
		if slices.Contains(strings.Split(string(read(t, "../container/Dockerfile.dockerignore")), "\n"), ignored) {
			t.Errorf("%s is kept from the build, which needs it", ignored)
		}
	}
}
