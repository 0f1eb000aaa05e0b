package main

import (
	"context"
	"fmt"

	"github.com/netsu/netsu/stream/bridge"
)

// bridge sees that the mappings can be read, that the registry answers, and that the newest schemas have what the mappings
// read.
func (c *checkup) bridge(ctx context.Context, f *programFlags) {
	inputs, err := bridge.Inputs(f.bridgeTopics, f.bridgeMappings)
	c.say("bridge's topics", err, fmt.Sprint(len(inputs), ", each with a mapping"), "TOPIC.yaml for each of --bridge-topics in "+
		"--bridge-mappings-dir; its form is the documentation of source.Mapping")
	if err != nil {
		return
	}
	for _, secret := range []struct{ what, file string }{
		{"registry's password", f.registry.PasswordFile}, {"registry's token", f.registry.TokenFile},
		{"registry's client key", f.registry.TLS.KeyFile},
	} {
		if secret.file != "" {
			c.secretFile(secret.what, secret.file)
		}
	}
	asking, cancel := context.WithTimeout(ctx, 4*patience)
	defer cancel()
	for _, found := range bridge.Try(asking, f.registry, inputs) {
		c.say(found.What, found.Err, found.Detail, "see --registry-url, --registry-user and the secret's file; a path that is "+
			"not in the schema is mended in the topic's mapping")
	}
}
