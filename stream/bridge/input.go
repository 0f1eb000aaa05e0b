package bridge

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/netsu/netsu/stream/source"
)

// Input is a topic that the bridge reads.
type Input struct {
	Topic string
	// Plain tells that values are JSON without a schema. Else each says by which schema of the registry it was written.
	Plain   bool
	Mapping *source.Mapping
}

// NeedsRegistry tells whether any of the topics has schemas.
func NeedsRegistry(all []Input) bool {
	return slices.ContainsFunc(all, func(in Input) bool { return !in.Plain })
}

// Inputs are the topics of a list, each as TOPIC, or TOPIC=json for values that are JSON without a schema, with the mapping
// TOPIC.yaml of a directory.
func Inputs(topics []string, mappingsDir string) ([]Input, error) {
	if len(topics) == 0 {
		return nil, errors.New("the bridge has nothing to read: name topics with --bridge-topics")
	}
	if mappingsDir == "" {
		return nil, errors.New("the bridge needs a directory with TOPIC.yaml for each topic: --bridge-mappings-dir DIR")
	}
	var all []Input
	var errs []error
	for _, text := range topics {
		topic, format, given := strings.Cut(text, "=")
		in := Input{Topic: topic, Plain: given}
		switch {
		case !isTopic(topic):
			errs = append(errs, fmt.Errorf("the bridge's topic %q is no name of a topic", topic))
			continue
		case given && format != "json":
			errs = append(errs, fmt.Errorf("the bridge's topic %s: %q is not json; without it, the registry says what a "+
				"schema is", topic, format))
			continue
		case slices.ContainsFunc(all, func(other Input) bool { return other.Topic == topic }):
			errs = append(errs, fmt.Errorf("the bridge's topic %s is named twice", topic))
			continue
		}
		var err error
		if in.Mapping, err = source.LoadMapping(filepath.Join(mappingsDir, topic+".yaml")); err != nil {
			errs = append(errs, fmt.Errorf("the bridge's topic %s: %w", topic, err))
			continue
		}
		all = append(all, in)
	}
	return all, errors.Join(errs...)
}

// isTopic holds for what Kafka takes, none of which leaves a directory.
func isTopic(name string) bool {
	legal := func(c rune) bool {
		return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '_' || c == '-'
	}
	return name != "" && len(name) <= 249 && strings.Trim(name, ".") != "" && strings.IndexFunc(name, func(c rune) bool {
		return !legal(c)
	}) < 0
}
