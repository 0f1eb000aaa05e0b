package stream

import (
	"fmt"
	"net"

	"github.com/netsu/netsu/stream/gateway"
)

func (p *Program) openGateway() (err error) {
	if !p.s.has(RoleGateway) {
		return nil
	}
	p.gateway, err = gateway.New(gateway.Config{Cluster: p.cluster, Topics: p.topics, SecretsDir: p.s.GatewaySecrets,
		MappingsDir: p.s.GatewayMappings, Logger: p.s.Logger, Registerer: p.registry})
	if err != nil {
		return err
	}
	if p.doors, err = net.Listen("tcp", p.s.GatewayListen); err != nil {
		return fmt.Errorf("opening the gateway's port: %w (choose another with --gateway-listen)", err)
	}
	return nil
}

func (p *Program) closeGateway() {
	if p.doors != nil {
		p.doors.Close() // already closed where serve ran
	}
	if p.gateway != nil {
		p.gateway.Close()
	}
}

// GatewayURL is where deliveries are taken, "" without the gateway role.
func (p *Program) GatewayURL() string {
	if p.doors == nil {
		return ""
	}
	return "http://" + p.doors.Addr().String() + "/v1/ingest/"
}
