package gateway

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/netsu/netsu/stream/source"
)

// Sender is one of the senders that the gateway knows.
type Sender struct {
	name      string // as in the URL
	file      string // of its secrets
	format    string // of stream/source; "" where own
	own       bool   // lines of the raw format itself
	mapping   *source.Mapping
	needsShow bool // its events name no show
	bearer    bool
	check     check
	ids       []string // headers that name a delivery, the best first
	sentAt    string   // the header that says when it was sent, where the body does not
	// ping tells a request that only asks whether somebody is here, and is signed by nobody.
	ping func(*delivery) bool
	// greet answers what is signed and is no event; false: it is one.
	greet func(*Server, *delivery) (answer, bool)
}

// platforms are the senders with a signature of their own.
var platforms = map[string]Sender{
	"shopify": {check: base64Body("X-Shopify-Hmac-Sha256"), ids: []string{"X-Shopify-Webhook-Id"}},
	"stripe":  {check: stripeSigned},
	"twitch": {check: twitchSigned, greet: greetTwitch, ids: []string{"Twitch-Eventsub-Message-Id"},
		sentAt: "Twitch-Eventsub-Message-Timestamp"},
	"woocommerce": {check: base64Body("X-WC-Webhook-Signature"), ping: wooPing, ids: []string{"X-WC-Webhook-Delivery-ID"}},
}

// connectors are what the house's own programs hand on of platforms that push nothing.
var connectors = []string{"bilibili", "ga4", "tiktok", "twitch-irc", "youtube"}

// houses is what a file of secrets of a house's own JSON begins with; the rest names its mapping.
const houses = "mapped-"

// senderOf is the source that a file of secrets is for.
func senderOf(file, mappingsDir string) (*Sender, error) {
	src, ok := platforms[file]
	switch {
	case strings.HasPrefix(file, houses):
		return houseOf(strings.TrimPrefix(file, houses), mappingsDir)
	case ok:
		src.format = file
	case file == "events":
		src = carried("", true)
	case slices.Contains(connectors, file):
		src = carried(file, false)
	default:
		known := append(slices.Sorted(maps.Keys(platforms)), connectors...)
		return nil, fmt.Errorf("there is no source of this name; there are events, mapped-NAME, %s", strings.Join(known, ", "))
	}
	src.name = file
	src.needsShow = !src.own && source.NeedsShow(src.format)
	return &src, nil
}

// houseOf is a house's own JSON.
func houseOf(name, mappingsDir string) (*Sender, error) {
	src := carried("mapping", false)
	src.name = "mapped/" + name
	if mappingsDir == "" {
		return nil, fmt.Errorf("%s needs --gateway-mappings-dir, with a file %s.yaml in it", src.name, name)
	}
	m, err := source.LoadMapping(filepath.Join(mappingsDir, name+".yaml"))
	src.mapping = m
	return &src, err
}

func carried(format string, own bool) Sender {
	return Sender{format: format, own: own, bearer: true, check: bearer, ids: []string{"Idempotency-Key"}}
}

func (src *Sender) hasSKUs() bool { return src.format == "shopify" || src.format == "woocommerce" }

func (src *Sender) optionNames() string {
	switch {
	case src.own:
		return "none"
	case src.hasSKUs():
		return "show, esol, sku"
	}
	return "show, esol"
}

// batch is what a delivery amounts to.
func (src *Sender) batch(s *Server, d *delivery) (batch, error) {
	if src.own {
		return s.ownEvents(src, d)
	}
	return mapped(src, d), nil
}

// Name is the source's, as in the URL.
func (src *Sender) Name() string { return src.name }

// File is where its secrets are.
func (src *Sender) File() string { return src.file }
