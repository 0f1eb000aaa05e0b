package main

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/broker"
)

func topicsStrimziCommand() *cobra.Command {
	var s strimzi
	c := &cobra.Command{
		Use:   "strimzi",
		Short: "Print the topics as KafkaTopic resources for the Strimzi operator",
		Long: `Print the topics as KafkaTopic resources, for clusters whose topics the Strimzi operator makes; deploy/strimzi/topics.yaml
is this, with the defaults. They are the topics that ` + "`netsu topics create`" + ` would make.`,
		Example: `  netsu topics strimzi --cluster events --namespace kafka --partitions 12 | kubectl apply -f -`,
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return s.print(c.OutOrStdout()) },
	}
	fs := c.Flags()
	fs.StringVar(&s.prefix, "prefix", broker.DefaultPrefix, "what the names of the topics start with")
	fs.StringVar(&s.cluster, "cluster", "kafka", "name of the Kafka resource they belong to")
	fs.StringVar(&s.namespace, "namespace", "", "namespace of that; empty means kubectl's")
	fs.Int32Var(&s.partitions, "partitions", 8, "partitions of each topic (the catalog has one)")
	fs.Int16Var(&s.replicas, "replication", 3, "copies of each partition")
	return c
}

type strimzi struct {
	prefix, cluster, namespace string
	partitions                 int32
	replicas                   int16
}

// kubernetesName is what Kubernetes takes as the name of a resource.
var kubernetesName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`)

func (s strimzi) print(out io.Writer) error {
	if s.partitions < 1 || s.replicas < 1 {
		return fmt.Errorf("--partitions %d and --replication %d must be at least 1", s.partitions, s.replicas)
	}
	for flag, name := range map[string]string{"prefix": s.prefix + "x", "cluster": s.cluster, "namespace": "x" + s.namespace} {
		if !kubernetesName.MatchString(name) {
			return fmt.Errorf("--%s: Kubernetes allows small letters, digits, - and . in names", flag)
		}
	}
	var b strings.Builder
	b.WriteString("# Made by `netsu topics strimzi`. The number of partitions cannot be changed once there are data.\n")
	for _, t := range broker.TopicsWithPrefix(s.prefix).Specs(s.partitions, s.replicas) {
		fmt.Fprintf(&b, "---\napiVersion: kafka.strimzi.io/v1\nkind: KafkaTopic\nmetadata:\n  name: %s\n", t.Name)
		if s.namespace != "" {
			fmt.Fprintf(&b, "  namespace: %s\n", s.namespace)
		}
		fmt.Fprintf(&b, "  labels:\n    strimzi.io/cluster: %s\nspec:\n  partitions: %d\n  replicas: %d\n  config:\n",
			s.cluster, t.Partitions, s.replicas)
		for _, key := range slices.Sorted(maps.Keys(t.Config)) {
			fmt.Fprintf(&b, "    %s: %q\n", key, t.Config[key])
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}
