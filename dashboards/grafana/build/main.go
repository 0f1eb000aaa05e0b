package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	for name, make := range boards {
		if err := write(filepath.Join("..", name+".json"), make); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// boards are the dashboards by the name of their file.
var boards = map[string]func() (*board, error){
	"campaigns": campaigns, "on_the_air": onTheAir, "operations": operations,
}

func write(file string, make func() (*board, error)) error {
	b, err := make()
	if err != nil {
		return fmt.Errorf("building %s: %w", file, err)
	}
	d, err := b.builder.Build()
	if err != nil {
		return fmt.Errorf("building %s: %w", file, err)
	}
	out, err := encode(d)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", file, err)
	}
	return os.WriteFile(file, out, 0o644)
}

// encode is a dashboard as it is committed: in order of names, with what the SDK cannot say.
func encode(d dashboard.Dashboard) ([]byte, error) {
	raw, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	var tree struct {
		Annotations struct {
			List []map[string]any `json:"list"`
		} `json:"annotations"`
	}
	all := map[string]any{}
	if err := errors.Join(json.Unmarshal(raw, &tree), json.Unmarshal(raw, &all)); err != nil {
		return nil, err
	}
	for _, a := range tree.Annotations.List {
		atValue(a)
	}
	all["annotations"] = tree.Annotations
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err = e.Encode(all)
	return out.Bytes(), err
}
