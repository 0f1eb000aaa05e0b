package check

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// exposureMost is how exposed systemd may find the unit, from 0 to 10. Unhardened ones have 9.6.
const exposureMost = 1.5

func TestSystemd(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze here (Debian: apt-get install systemd)")
	}
	unit := string(read(t, "../systemd/netsu.service"))
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	// The unit, with the program where it was built: verify looks whether it is there.
	file := filepath.Join(t.TempDir(), "netsu.service")
	installed := strings.ReplaceAll(unit, "/usr/local/bin/netsu", bin)
	if err := os.WriteFile(file, []byte(installed), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(analyze, "verify", "--man=no", file).CombinedOutput()
	if said := strings.TrimSpace(string(out)); err != nil || strings.Contains(said, "netsu.service") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, said)
	}
	out, err = exec.Command(analyze, "security", "--offline=true", "--no-pager", file).CombinedOutput()
	if err != nil {
		t.Fatalf("systemd-analyze security: %v\n%s", err, out)
	}
	m := regexp.MustCompile(`exposure level for \S+: ([0-9.]+)`).FindSubmatch(out)
	if m == nil {
		t.Fatalf("systemd-analyze security says no exposure level:\n%s", out)
	}
	level, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil || level > exposureMost {
		t.Errorf("the exposure level is %s, at most %v is wanted", m[1], exposureMost)
	}
	t.Logf("exposure level %s", m[1])
}

// Variables of the unit are settings that exist.
func TestSystemdSettings(t *testing.T) {
	var env []string
	for _, m := range regexp.MustCompile(`(?m)^Environment=(.*)$`).FindAllStringSubmatch(
		string(read(t, "../systemd/netsu.service")), -1) {
		env = append(env, m[1])
	}
	if got := inForce(t, env); len(env) == 0 || got["data_dir"] != "%S/netsu" || got["hashing_key_file"] != "%d/hashing.key" {
		t.Errorf("%v gives %v", env, got)
	}
}
