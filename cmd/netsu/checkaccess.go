package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/netsu/netsu/stream/access"
)

// accessTo tells who may read at --listen, and tests the files that decide it.
func (c *checkup) accessTo(ctx context.Context, f *programFlags) {
	detail := "by tokens"
	switch {
	case f.access.Open:
		detail = "OPEN: whoever reaches " + f.listen + " may read everything"
	case f.access.KeysFile == "" && f.access.JWKSURL == "":
		detail = f.listen + " is open to this machine, and to it alone"
	}
	c.say("access", f.access.Check(f.listen), detail, "")
	if file := f.access.KeysFile; file != "" {
		const what = "access keys"
		if keys, err := access.ReadKeys(file); err != nil {
			c.say(what, err, "", "make keys with netsu token new-key")
		} else if secret(keys) {
			c.secretFile(what, file)
		} else {
			c.say(what, nil, fmt.Sprintf("%s, %d public", file, len(keys)), "")
		}
	}
	if address := f.access.JWKSURL; address != "" {
		keys, err := access.ReadSet(ctx, address)
		c.say("access keys by address", err, fmt.Sprintf("%s, %d public", address, keys), "see --access-jwks-url")
	}
	if f.certFile != "" || f.certKeyFile != "" {
		_, err := access.OpenCertificate(f.certFile, f.certKeyFile, slog.New(slog.DiscardHandler))
		c.say("certificate", err, f.certFile, "see --listen-tls-cert-file and --listen-tls-key-file")
		if err == nil {
			c.secretFile("certificate's key", f.certKeyFile)
		}
	}
}

// secret tells whether somebody who has the keys can sign with one of them.
func secret(keys []access.Key) bool {
	for _, k := range keys {
		if k.Sign != nil {
			return true
		}
	}
	return false
}
