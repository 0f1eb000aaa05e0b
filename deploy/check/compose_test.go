package check

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"sigs.k8s.io/yaml"
)

func composeProject(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../compose/compose.yaml"}, cli.WithInterpolation(true))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

func TestCompose(t *testing.T) {
	project := composeProject(t)
	roles := map[string]string{}
	for name, s := range project.Services {
		if _, tag, ok := strings.Cut(s.Image, ":"); !ok || tag == "latest" {
			t.Errorf("%s: image %s is not pinned", name, s.Image)
		}
		for _, p := range s.Ports {
			if p.HostIP != "127.0.0.1" {
				t.Errorf("%s: port %s is open to the network", name, p.Published)
			}
		}
		if s.Build != nil {
			exists(t, filepath.Join(s.Build.Context, s.Build.Dockerfile))
		}
		for _, v := range s.Volumes {
			if v.Type == types.VolumeTypeBind && !strings.Contains(v.Source, "dashboards") {
				exists(t, v.Source)
			}
		}
		if !strings.HasPrefix(name, "netsu-") {
			continue
		}
		var env []string
		for key, value := range s.Environment {
			env = append(env, key+"="+*value)
		}
		got := inForce(t, append(env, "NETSU_DATA_DIR=/var/lib/netsu"), s.Command[1:]...)
		for _, role := range strings.Split(got["roles"], ",") {
			if roles[role] != "" {
				t.Errorf("%s and %s both have the role %s", name, roles[role], role)
			}
			roles[role] = name
		}
		if !s.ReadOnly || len(s.CapDrop) != 1 || s.CapDrop[0] != "ALL" {
			t.Errorf("%s may write to its root file system, or has capabilities", name)
		}
		scraped := string(read(t, "../compose/targets.yml"))
		if target := name + got["ops_listen"]; !strings.Contains(scraped, target) {
			t.Errorf("Prometheus does not scrape %s", target)
		}
	}
	for _, role := range []string{"ingest", "show", "journey", "ledger", "feed", "gateway"} {
		if roles[role] == "" {
			t.Errorf("nobody has the role %s", role)
		}
	}
}

// Each process has the secrets of its roles, and no other: the volumes that service key fills.
func TestComposeGivesEachWhatItNeeds(t *testing.T) {
	services := composeProject(t).Services
	secret := func(v types.ServiceVolumeConfig) bool { return strings.HasPrefix(v.Target, "/etc/netsu/") }
	for name, want := range map[string]string{"netsu-1": "hashing", "netsu-2": "access", "netsu-gateway": "gateway"} {
		var got []string
		for _, v := range services[name].Volumes {
			if secret(v) {
				got = append(got, v.Source)
			}
		}
		if len(got) != 1 || got[0] != want {
			t.Errorf("%s has the secrets %v, want %s", name, got, want)
		}
		if made := services["key"].Volumes; !slices.ContainsFunc(made, func(v types.ServiceVolumeConfig) bool { return v.Source == want }) {
			t.Errorf("nobody makes the secret %s", want)
		}
	}
}

func exists(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

// The loader must be one that refuses a typo, or the test above says nothing.
func TestComposeLoaderIsStrict(t *testing.T) {
	file := filepath.Join(t.TempDir(), "compose.yaml")
	typo := strings.Replace(string(read(t, "../compose/compose.yaml")), "healthcheck:", "heathcheck:", 1)
	if err := os.WriteFile(file, []byte(typo), 0o600); err != nil {
		t.Fatal(err)
	}
	options, err := cli.NewProjectOptions([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := options.LoadProject(t.Context()); err == nil || !strings.Contains(err.Error(), "heathcheck") {
		t.Errorf("the loader says %v of heathcheck", err)
	}
}

// What Grafana is provisioned with has the shapes Grafana reads, and points at what compose mounts.
func TestGrafanaProvisioning(t *testing.T) {
	var sources struct {
		APIVersion  int `json:"apiVersion"`
		Datasources []struct {
			Name, UID, Type, Access, URL string
			IsDefault, Editable          bool
			JSONData                     map[string]any
		} `json:"datasources"`
	}
	strictly(t, "../grafana/provisioning/datasources/prometheus.yaml", &sources)
	grafana := composeProject(t).Services["grafana"]
	set := func(variable, is string) bool {
		value := grafana.Environment[variable]
		return is == "${"+variable+"}" && value != nil && *value != ""
	}
	if s := sources.Datasources; len(s) != 1 || !set("NETSU_PROMETHEUS", s[0].URL) || s[0].UID == "" {
		t.Errorf("data sources %+v", s)
	}
	var boards struct {
		APIVersion int `json:"apiVersion"`
		Providers  []struct {
			Name, Folder, Type              string
			DisableDeletion, AllowUIUpdates bool
			UpdateIntervalSeconds           int
			Options                         struct{ Path string }
		} `json:"providers"`
	}
	strictly(t, "../grafana/provisioning/dashboards/netsu.yaml", &boards)
	mounted := false
	for _, v := range grafana.Volumes {
		mounted = mounted || len(boards.Providers) == 1 && set("NETSU_DASHBOARDS", boards.Providers[0].Options.Path) &&
			v.Target == *grafana.Environment["NETSU_DASHBOARDS"]
	}
	if !mounted {
		t.Errorf("nothing is mounted where dashboards are looked for: %+v", boards.Providers)
	}
}

func strictly(t *testing.T, path string, into any) {
	t.Helper()
	if err := yaml.UnmarshalStrict(read(t, path), into); err != nil {
		t.Errorf("%s: %v", path, err)
	}
}
