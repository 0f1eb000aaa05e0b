package main

import "github.com/spf13/pflag"

// addBridge adds what the bridge role reads, and the schema registry.
func (f *programFlags) addBridge(fs *pflag.FlagSet) {
	fs.StringSliceVar(&f.bridgeTopics, "bridge-topics", nil, "topics of the house's own that the bridge role reads, written "+
		"by schemas of the registry (Avro, Protobuf, JSON Schema), or as TOPIC=json without one; needed by that role")
	fs.StringVar(&f.bridgeMappings, "bridge-mappings-dir", "", "directory with TOPIC.yaml for each of them: how its values "+
		"are read; needed by that role")
	r := &f.registry
	fs.StringSliceVar(&r.URLs, "registry-url", nil, "URLs of the schema registry of these topics, as https://HOST:8081; the "+
		"next is asked where one does not answer")
	fs.StringVar(&r.User, "registry-user", "", "user name for the registry, with --registry-password-file")
	fs.StringVar(&r.PasswordFile, "registry-password-file", "", "file with the registry's password, read at each request")
	fs.StringVar(&r.TokenFile, "registry-token-file", "", "file with a bearer token for the registry, read at each request")
	fs.StringVar(&r.TLS.CAFile, "registry-ca-file", "", "certificate authority of the registry, PEM; empty means the system's")
	fs.StringVar(&r.TLS.CertFile, "registry-cert-file", "", "client certificate for the registry, PEM")
	fs.StringVar(&r.TLS.KeyFile, "registry-key-file", "", "its key, PEM")
	fs.StringVar(&r.TLS.ServerName, "registry-server-name", "", "name in the registry's certificate; empty means the URL's host")
}
