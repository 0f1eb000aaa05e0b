package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// built is where program has put the product; "" before.
var built string

// program is the product, built once for all tests.
var program = sync.OnceValues(func() (string, error) {
	var err error
	if built, err = os.MkdirTemp("", "netsu-check-"); err != nil {
		return "", err
	}
	bin := filepath.Join(built, "netsu")
	build := exec.Command("go", "build", "-o", bin, "./cmd/netsu")
	build.Dir = "../.."
	build.Stderr = os.Stderr
	return bin, build.Run()
})

func TestMain(m *testing.M) {
	status := m.Run()
	os.RemoveAll(built)
	os.Exit(status)
}

// inForce gives flags and environment to the program, and returns each setting's value as `netsu check` prints it.
func inForce(t *testing.T, env []string, args ...string) map[string]string {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatalf("building the program: %v", err)
	}
	c := exec.Command(bin, append([]string{"check", "--settings-only"}, args...)...)
	c.Env = env
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("the program refuses its settings: %s", out)
	}
	values := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) >= 3 {
			values[f[0]] = f[1]
		}
	}
	return values
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
