package main

import (
	"strings"

	"github.com/netsu/netsu/stream/gateway"
)

// gateway sees that the secrets make sources, and are readable by nobody else.
func (c *checkup) gateway(f *programFlags) {
	c.address("gateway", f.gatewayListen, "--gateway-listen")
	senders, err := gateway.Senders(f.gatewaySecrets, f.gatewayMappings)
	var names []string
	for _, s := range senders {
		names = append(names, s.Name())
	}
	c.say("gateway's sources", err, strings.Join(names, ", "), "one file for each source, named for it, in --gateway-secrets-dir; "+
		"mappings in --gateway-mappings-dir")
	for _, s := range senders {
		c.secretFile("secrets of "+s.Name(), s.File())
	}
}
