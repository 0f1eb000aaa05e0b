package check

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// kafkaTopic is what Strimzi's KafkaTopic may hold. Its own schema is in no Go module, so this is from its documentation.
type kafkaTopic struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name      string            `json:"name"`
		Namespace string            `json:"namespace"`
		Labels    map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec struct {
		TopicName  string         `json:"topicName"`
		Partitions int32          `json:"partitions"`
		Replicas   int32          `json:"replicas"`
		Config     map[string]any `json:"config"`
	} `json:"spec"`
}

func TestStrimziTopics(t *testing.T) {
	docs := strings.Split(string(read(t, "../strimzi/topics.yaml")), "\n---\n")[1:]
	if len(docs) < 13 {
		t.Fatalf("%d topics", len(docs))
	}
	for _, doc := range docs {
		var topic kafkaTopic
		if err := yaml.UnmarshalStrict([]byte(doc), &topic); err != nil {
			t.Errorf("%v in\n%s", err, doc)
			continue
		}
		if topic.APIVersion != "kafka.strimzi.io/v1" || topic.Kind != "KafkaTopic" ||
			topic.Metadata.Labels["strimzi.io/cluster"] == "" || topic.Spec.Partitions < 1 || topic.Spec.Replicas < 1 {
			t.Errorf("%+v", topic)
		}
	}
}
