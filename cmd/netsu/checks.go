package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/broker"
)

// checkup prints the tests of `netsu check` as they are made.
type checkup struct {
	out          io.Writer
	made, failed int
}

// say prints one test: ok with a detail, or FAIL with the error and what to do about it.
func (c *checkup) say(what string, err error, detail, todo string) {
	c.made++
	if err == nil {
		fmt.Fprintf(c.out, "ok    %-28s %s\n", what, detail)
		return
	}
	c.failed++
	text := strings.ReplaceAll(err.Error(), "\n", "\n      ")
	fmt.Fprintf(c.out, "FAIL  %-28s %s\n", what, text)
	if todo != "" {
		fmt.Fprintf(c.out, "      -> %s\n", todo)
	}
}

func checkAll(ctx context.Context, out io.Writer, f *programFlags) error {
	c := &checkup{out: out}
	f.Logger = slog.New(slog.DiscardHandler) // what the Kafka client would say is in the line of its test
	if len(f.Seeds) == 0 || !slices.Equal(f.roles, []stream.Role{stream.RoleGateway}) {
		c.dataDir(f.dataDir)
	}
	if slices.Contains(f.roles, stream.RoleIngest) {
		c.hashingKey(f)
	}
	for _, secret := range []struct{ what, file string }{
		{"TLS client key", f.TLS.KeyFile}, {"SASL password", f.SASL.PasswordFile}, {"SASL token", f.SASL.TokenFile},
	} {
		if secret.file != "" {
			c.secretFile(secret.what, secret.file)
		}
	}
	if slices.Contains(f.roles, stream.RoleFeed) {
		c.address("page, feed, HTTP", f.listen, "--listen")
		c.accessTo(ctx, f)
	}
	if slices.Contains(f.roles, stream.RoleGateway) {
		c.gateway(f)
	}
	if slices.Contains(f.roles, stream.RoleBridge) {
		c.bridge(ctx, f)
	}
	if f.opsListen != "" {
		c.address("probes and metrics", f.opsListen, "--ops-listen")
	}
	if len(f.Seeds) == 0 {
		c.address("embedded broker", fmt.Sprintf("127.0.0.1:%d", f.brokerPort), "--broker-port")
	} else {
		c.kafka(ctx, f)
	}
	if c.failed > 0 {
		return fmt.Errorf("%d of %d checks failed", c.failed, c.made)
	}
	return ctx.Err()
}

// dataDir sees that files can be made in the directory, or, where it is not there yet, in the nearest that is.
func (c *checkup) dataDir(dir string) {
	at, detail := dir, dir
	for {
		if info, err := os.Stat(at); !errors.Is(err, fs.ErrNotExist) {
			if err == nil && !info.IsDir() {
				err = fmt.Errorf("%s is no directory", at)
			}
			if err == nil {
				err = writable(at)
			}
			c.say("data directory", err, detail, "give it to the user that netsu runs as, or choose another with --data-dir")
			return
		}
		at, detail = filepath.Dir(at), dir+" (will be made)"
	}
}

func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".netsu-check-")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

func (c *checkup) hashingKey(f *programFlags) {
	const what = "hashing key"
	if f.keyFile == "" {
		if len(f.Seeds) > 0 {
			c.say(what, errSharedKey, "", "")
			return
		}
		f.keyFile = filepath.Join(f.dataDir, "hashing.key")
		if _, err := os.Stat(f.keyFile); errors.Is(err, fs.ErrNotExist) {
			c.say(what, nil, f.keyFile+" (will be made)", "")
			return
		}
	}
	if _, err := stream.ReadKey(f.keyFile); err != nil {
		c.say(what, err, "", "see --hashing-key-file; all processes must have the same")
		return
	}
	c.secretFile(what, f.keyFile)
}

// secretFile sees that the file can be read, and by nobody but its owner and group: a group is how Kubernetes hands a
// secret to a process that is not root.
func (c *checkup) secretFile(what, file string) {
	mode, err := secretMode(file)
	c.say(what, err, fmt.Sprintf("%s, mode %04o", file, mode), fmt.Sprintf("chmod 0600 %s, owned by the user netsu runs as",
		file))
}

func secretMode(file string) (fs.FileMode, error) {
	opened, err := os.Open(file)
	if err != nil {
		return 0, err
	}
	defer opened.Close()
	info, err := opened.Stat()
	if err != nil {
		return 0, err
	}
	mode := info.Mode().Perm()
	switch {
	case !info.Mode().IsRegular():
		err = fmt.Errorf("%s is no file", file)
	case info.Size() == 0:
		err = fmt.Errorf("%s is empty", file)
	case mode&0o007 != 0:
		err = fmt.Errorf("%s has mode %04o: everyone on this machine may use it", file, mode)
	case mode&0o020 != 0:
		err = fmt.Errorf("%s has mode %04o: its group may change it", file, mode)
	}
	return mode, err
}

func (c *checkup) address(what, addr, flag string) {
	l, err := net.Listen("tcp", addr)
	if err == nil {
		l.Close()
	}
	c.say(what, err, addr+" is free", "is netsu running already? If another program has it, choose one with "+flag)
}

// kafka goes from the network up to the topics and stops where going on would only repeat the failure.
func (c *checkup) kafka(ctx context.Context, f *programFlags) {
	reached := 0
	for _, seed := range f.Seeds {
		steps := broker.Reach(ctx, f.Settings, seed, patience)
		for _, step := range steps {
			c.say(seed+" "+step.Name, step.Err, step.Detail, adviceFor(step, f))
		}
		if steps[len(steps)-1].Err == nil {
			reached++
		}
	}
	if reached == 0 {
		return
	}
	cluster, err := broker.New(f.Settings)
	if err != nil {
		c.say("cluster", err, "", "")
		return
	}
	brokers, err := broker.Brokers(ctx, cluster, patience)
	if err != nil {
		c.say("cluster", err, "", "")
		return
	}
	for _, b := range brokers {
		c.say(b.Addr+" advertised", b.Err, "answers", "the cluster sends its clients to this address: see the broker's "+
			"advertised.listeners, and that the name and port can be reached from here")
	}
	topics := broker.TopicsWithPrefix(f.prefix)
	asking, cancel := context.WithTimeout(ctx, 4*patience)
	defer cancel()
	layout, err := broker.Load(asking, cluster, topics)
	detail := ""
	if err == nil {
		detail = fmt.Sprintf("%d, all as they must be; %s has %d partitions", len(topics.All()), topics.Journal,
			layout.Partitions[topics.Journal])
	}
	c.say("topics "+f.prefix+"*", err, detail, "is --prefix the one in use there, and may this user describe the topics?")
	if err != nil {
		return
	}
	c.say("copies of the topics", copies(asking, cluster, topics, f.replication), "none has less than it must (--replication "+
		fmt.Sprint(f.replication)+")", "add copies with kafka-reassign-partitions.sh, set min.insync.replicas with kafka-configs.sh "+
		"--alter; or say with --replication how many are meant")
}

func adviceFor(s broker.Step, f *programFlags) string {
	switch {
	case s.Name == "connect":
		return "is this the broker's address (--brokers), is it up, and does a firewall or network policy let netsu through?"
	case s.Name == "TLS":
		return "see --tls-ca-file, --tls-server-name, and whether the port speaks TLS at all"
	case f.SASL.Mechanism == "" && f.TLS == (broker.TLS{}):
		return "does the port ask for --tls or --sasl?"
	case f.SASL.Mechanism == "":
		return "does the port ask for a client certificate (--tls-cert-file) or for --sasl?"
	}
	return "see --sasl, --sasl-user and the secret's file; does the port speak TLS (--tls)?"
}
