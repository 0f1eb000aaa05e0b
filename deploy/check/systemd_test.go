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
	units, err := filepath.Glob("../systemd/*.service")
	if err != nil || len(units) != 2 {
		t.Fatalf("units %v: %v", units, err)
	}
	for _, unit := range units {
		t.Run(filepath.Base(unit), func(t *testing.T) { checkUnit(t, analyze, unit) })
	}
}

func checkUnit(t *testing.T, analyze, path string) {
	unit := string(read(t, path))
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	// The unit, with the program where it was built: verify looks whether it is there.
	file := filepath.Join(t.TempDir(), filepath.Base(path))
	installed := strings.ReplaceAll(unit, "/usr/local/bin/netsu", bin)
	if err := os.WriteFile(file, []byte(installed), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(analyze, "verify", "--man=no", file).CombinedOutput()
	if said := strings.TrimSpace(string(out)); err != nil || strings.Contains(said, filepath.Base(path)) {
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

// Variables and flags of the units are settings that exist, and two processes on one machine do not share a port.
func TestSystemdSettings(t *testing.T) {
	got := inForce(t, environmentOf(t, "netsu.service"))
	if got["data_dir"] != "%S/netsu" || got["hashing_key_file"] != "%d/hashing.key" {
		t.Errorf("the unit gives %v", got)
	}
	unit := "netsu-gateway.service"
	command := regexp.MustCompile(`(?m)^ExecStart=\S+ run --config \S+ (.*)$`).FindStringSubmatch(string(read(t, "../systemd/"+unit)))
	if command == nil {
		t.Fatal("the gateway's unit does not run it with the shared settings")
	}
	gateway := inForce(t, environmentOf(t, unit), strings.Fields(command[1])...)
	if gateway["roles"] != "gateway" || gateway["gateway_secrets_dir"] != "/etc/netsu/gateway" || gateway["hashing_key_file"] != "-" {
		t.Errorf("the gateway's unit gives %v", gateway)
	}
	taken := map[string]bool{got["listen"]: true, got["gateway_listen"]: true, "127.0.0.1:8081": true}
	for _, address := range []string{gateway["gateway_listen"], gateway["ops_listen"]} {
		if taken[address] {
			t.Errorf("%s is taken", address)
		}
		taken[address] = true
	}
}

// systemd makes no user for DynamicUser=yes whose name a group of the machine has; the unit's name is the user's. A group that
// the head of a unit has made by hand must have another, or the unit never starts.
func TestSystemdNames(t *testing.T) {
	for _, unit := range []string{"netsu.service", "netsu-gateway.service"} {
		text := string(read(t, "../systemd/"+unit))
		if !regexp.MustCompile(`(?m)^DynamicUser=yes$`).MatchString(text) {
			t.Errorf("%s has no dynamic user", unit)
		}
		user := strings.TrimSuffix(unit, ".service")
		for _, m := range regexp.MustCompile(`(?m)^SupplementaryGroups=(\S+)$|groupadd --system ([\w-]+)`).FindAllStringSubmatch(text, -1) {
			if group := m[1] + m[2]; group == user {
				t.Errorf("%s: the group %s has the name of its dynamic user", unit, group)
			}
		}
	}
}

func environmentOf(t *testing.T, unit string) (env []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`(?m)^Environment=(.*)$`).FindAllStringSubmatch(string(read(t, "../systemd/"+unit)), -1) {
		env = append(env, m[1])
	}
	if len(env) == 0 {
		t.Fatalf("%s has no variables", unit)
	}
	return env
}
