package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"
)

// maxSettingsBytes bounds what is read of a settings file, so that a wrong path cannot fill memory.
const maxSettingsBytes = 1 << 20

// fromFile reads a file of settings, by flag: one YAML mapping of keys to single values, or to a list of them where the
// setting is a list.
func fromFile(path string) (map[string]given, error) {
	root, err := readMapping(path)
	if err != nil || root == nil {
		return nil, err
	}
	known := map[string]string{}
	all := settingFlags()
	all.VisitAll(func(f *pflag.Flag) { known[keyOf(f.Name)] = f.Name })
	out := map[string]given{}
	var errs []error
	for i := 0; i < len(root.Content); i += 2 {
		key, value := root.Content[i].Value, root.Content[i+1]
		at := fmt.Sprintf("%s:%d", path, root.Content[i].Line)
		name, ok := known[key]
		switch {
		case !ok:
			errs = append(errs, fmt.Errorf("%s: there is no setting %s%s", at, key, meant(key, known)))
			continue
		case out[name].from != "":
			errs = append(errs, fmt.Errorf("%s: %s was set before, at %s", at, key,
				strings.TrimPrefix(out[name].from, "file ")))
			continue
		}
		text, err := textOf(value)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %s %w", at, key, err))
			continue
		}
		if err := all.Set(name, text); err != nil {
			errs = append(errs, explain(at+": "+key, text, err))
			continue
		}
		out[name] = given{text, "file " + at}
	}
	return out, errors.Join(errs...)
}

// readMapping returns nil for a file that says nothing.
func readMapping(path string) (*yaml.Node, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxSettingsBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading settings: %w", err)
	}
	if len(text) > maxSettingsBytes {
		return nil, fmt.Errorf("reading settings: %s is larger than %d bytes", path, maxSettingsBytes)
	}
	var doc, more yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(text))
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading settings: %s: %w", path, err)
	}
	root := doc.Content[0]
	if root.Kind == yaml.ScalarNode && root.Tag == "!!null" {
		return nil, nil
	}
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: settings are lines of `key: value`", path, root.Line)
	}
	if !errors.Is(d.Decode(&more), io.EOF) {
		return nil, fmt.Errorf("%s: has more than one YAML document", path)
	}
	return root, nil
}

func textOf(n *yaml.Node) (string, error) {
	switch {
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		return "", errors.New("has no value")
	case n.Kind == yaml.ScalarNode:
		return n.Value, nil
	case n.Kind != yaml.SequenceNode:
		return "", errors.New("must be one value or a list of them")
	}
	var parts []string
	for _, e := range n.Content {
		if e.Kind != yaml.ScalarNode {
			return "", errors.New("must be one value or a list of them")
		}
		parts = append(parts, e.Value)
	}
	return strings.Join(parts, ","), nil
}
