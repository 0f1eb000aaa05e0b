package broker

import (
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestLessThanAskedIsSaid(t *testing.T) {
	for _, test := range []struct {
		name           string
		asked          int16
		copies         []int // of each partition
		least, unclean string
		want           string // "": nothing
	}{
		{"as created on three brokers", 3, []int{3, 3}, "2", "false", ""},
		{"as created on one broker", 1, []int{1}, "1", "false", ""},
		{"one is enough where one is asked for", 1, []int{1}, "2", "false", ""},
		{"more than asked", 2, []int{3}, "1", "false", ""},
		{"one partition has fewer", 3, []int{3, 2, 3}, "2", "false", "copies of a partition: 2, asked for: 3"},
		{"one copy acknowledges alone", 3, []int{3}, "1", "false", "min.insync.replicas is 1, must be at least 2"},
		{"no number", 3, []int{3}, "", "false", "min.insync.replicas is 0, must be at least 2"},
		{"all copies must acknowledge", 3, []int{3}, "3", "false", "nothing can be written while one broker is away"},
		{"a copy that lacks records may lead", 3, []int{3}, "2", "true", "may lead"},
		{"nobody looks", -1, []int{1}, "1", "false", ""},
	} {
		var partitions []kmsg.MetadataResponseTopicPartition
		for _, n := range test.copies {
			partitions = append(partitions, kmsg.MetadataResponseTopicPartition{Replicas: make([]int32, n)})
		}
		conf := kadm.ResourceConfig{Configs: []kadm.Config{{Key: "min.insync.replicas", Value: &test.least},
			{Key: "unclean.leader.election.enable", Value: &test.unclean}}}
		got := strings.Join(lessThan(test.asked, "t", partitions, conf), "\n")
		if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: %q is said, want %q", test.name, got, test.want)
		}
	}
}

// TestWhatIsMadeIsNotFoundWanting: Create and Copies agree.
func TestWhatIsMadeIsNotFoundWanting(t *testing.T) {
	for _, s := range DefaultTopics().specs(2) {
		for copies := int16(1); copies <= 5; copies++ {
			conf := kadm.ResourceConfig{}
			for key, value := range s.configs(false, copies) {
				conf.Configs = append(conf.Configs, kadm.Config{Key: key, Value: value})
			}
			partitions := []kmsg.MetadataResponseTopicPartition{{Replicas: make([]int32, copies)}}
			if said := lessThan(copies, s.topic, partitions, conf); said != nil {
				t.Errorf("made with %d copies and asked for as many: %s", copies, said)
			}
		}
		if s.configs(true, 1)["min.insync.replicas"] != nil || s.configs(false, -1)["min.insync.replicas"] != nil {
			t.Errorf("%s: min.insync.replicas is set where it is not ours to set", s.topic)
		}
	}
}
