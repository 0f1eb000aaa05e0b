package broker

import (
	"reflect"
	"slices"
	"testing"
)

func TestEveryTopicHasItsSpec(t *testing.T) {
	topics := TopicsWithPrefix("p.")
	var fields, specs []string
	v := reflect.ValueOf(topics)
	for i := range v.NumField() {
		fields = append(fields, v.Field(i).String())
	}
	for _, s := range topics.specs(4) {
		specs = append(specs, s.topic)
		if s.compact == (s.keep > 0) {
			t.Errorf("%s is both compacted and kept for %v, or neither", s.topic, s.keep)
		}
	}
	slices.Sort(fields)
	for what, names := range map[string][]string{"All": topics.All(), "specs": specs} {
		if slices.Sort(names); !slices.Equal(names, fields) {
			t.Errorf("%s has %v, want %v", what, names, fields)
		}
	}
}

func TestOnlyTheEmbeddedBrokerIsBoundedBySize(t *testing.T) {
	for _, s := range DefaultTopics().specs(4) {
		real, embedded := s.configs(false, 1), s.configs(true, 1)
		if real["retention.bytes"] != nil || real["segment.bytes"] != nil {
			t.Errorf("%s: a real cluster's topic is bounded by size", s.topic)
		}
		if embedded["segment.bytes"] == nil || !s.compact && embedded["retention.bytes"] == nil {
			t.Errorf("%s: an embedded broker's topic is not bounded by size", s.topic)
		}
	}
}
