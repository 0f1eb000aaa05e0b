package stream

import (
	"context"

	"github.com/netsu/netsu/stream/bridge"
)

// bridgeConfig is how the bridge role reads the house's own topics.
func (p *Program) bridgeConfig(inputs []bridge.Input) bridge.Config {
	return bridge.Config{
		Cluster: p.cluster, Topics: p.topics, Inputs: inputs, Registry: p.s.Registry, InstanceID: p.instance,
		SessionTimeout: p.s.SessionTimeout, Align: p.s.Align, Logger: p.s.Logger, Registerer: p.registry,
		Trouble: func(what string, err error) { p.troubles.note(partBridge, what, err) },
	}
}

// openBridge reads the mappings and checks the settings, which a person can mend.
func (p *Program) openBridge() error {
	if !p.s.has(RoleBridge) {
		return nil
	}
	inputs, err := bridge.Inputs(p.s.BridgeTopics, p.s.BridgeMappings)
	if err != nil {
		return err
	}
	c := p.bridgeConfig(inputs)
	if err := c.Check(); err != nil {
		return err
	}
	p.bridge = func(ctx context.Context) error {
		return p.again(ctx, partBridge, func(ctx context.Context, at func()) error {
			at()
			return bridge.Run(ctx, c)
		})
	}
	return nil
}
