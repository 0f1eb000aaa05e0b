package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/stream/access"
)

func tokenCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "token",
		Short: "Make keys, tokens and signed addresses for the HTTP port",
		Long: `Make keys for the HTTP port of netsu run, and the tokens and signed addresses that they vouch for. A token grants scopes (show/ID,
esol/ID and her shows, campaign/ID, brand/ID, kind/*, *) and kinds of fields (room, money, insight, *), for a while. It is
sent as Authorization: Bearer, and opens the page as /#token=TOKEN. Nothing here talks to a running Netsu: who has a key can
sign, so keep the file of a secret as one.`,
	}
	c.AddCommand(newKeyCommand(), signCommand(), inspectCommand(), addressCommand())
	return c
}

func newKeyCommand() *cobra.Command {
	var alg, id, out string
	c := &cobra.Command{
		Use:   "new-key --out FILE",
		Short: "Make a key: the file for --access-keys-file",
		Long: `Make a key and write it as a JWK Set to a file that only its owner can read. An HS256 key is a secret that netsu run and
whoever signs share; signed addresses need one. Of an EdDSA or ES256 key the public part is printed: netsu run verifies with
that alone, and the file stays with who signs. A file that is there is not overwritten. More keys go into one set by hand,
each with its kid: so a key is replaced without a gap.`,
		Example: `  netsu token new-key --out keys.json
  netsu token new-key --alg EdDSA --out sign.json > verify.json`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if id == "" {
				b := make([]byte, 4)
				rand.Read(b) // never fails
				id = hex.EncodeToString(b)
			}
			private, public, err := access.NewKey(alg, id)
			if err != nil {
				return err
			}
			f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if err != nil {
				return fmt.Errorf("writing the key: %w", err)
			}
			_, err = f.Write(private)
			if err = errors.Join(err, f.Close()); err != nil {
				return fmt.Errorf("writing the key: %w", err)
			}
			_, err = c.OutOrStdout().Write(public)
			return err
		},
	}
	parsedVar(c.Flags(), &alg, "alg", "string", "HS256", "HS256, EdDSA or ES256", func(s string) (string, error) {
		if s != "HS256" && s != "EdDSA" && s != "ES256" {
			return s, ownReason("is none of HS256, EdDSA, ES256")
		}
		return s, nil
	})
	c.Flags().StringVar(&id, "kid", "", "what tokens call the key; empty means a random name")
	c.Flags().StringVar(&out, "out", "", "file to write, which must not be there")
	cobra.CheckErr(c.MarkFlagRequired("out"))
	return c
}

// keyFlags choose the key that signs.
type keyFlags struct{ file, id string }

// add names the flag as the setting, so that a file of settings and the environment say it too.
func (f *keyFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.file, "access-keys-file", "", "file with the key: a JWK Set, PEM or a secret")
	c.Flags().StringVar(&f.id, "kid", "", "the key of the file to sign with; empty means the first that can")
	addConfig(c)
}

var errNoKeysFile = errors.New("--access-keys-file must name the file of the key; make one with netsu token new-key")

func (f *keyFlags) key(can func(access.Key) bool) (access.Key, error) {
	if f.file == "" {
		return access.Key{}, errNoKeysFile
	}
	keys, err := access.ReadKeys(f.file)
	if err != nil {
		return access.Key{}, err
	}
	for _, k := range keys {
		if can(k) && (f.id == "" || k.ID == f.id) {
			return k, nil
		}
	}
	if f.id != "" {
		return access.Key{}, fmt.Errorf("%s has no key %q that can sign this", f.file, f.id)
	}
	return access.Key{}, fmt.Errorf("%s has no key that can sign this: a public key cannot, and an address takes an HS256 one", f.file)
}

// parseTTL is a duration that a token or an address can be good for.
func parseTTL(most time.Duration) func(string) (time.Duration, error) {
	return within(time.ParseDuration, time.Second, most)
}

func addressCommand() *cobra.Command {
	var (
		key                  keyFlags
		show, base, campaign string
		fields               []string
		ttl                  time.Duration
	)
	c := &cobra.Command{
		Use:   "address --show ID --base URL",
		Short: "Sign the address of a show's overlay",
		Long: `Print an address that opens one show for a while without a token, for an overlay that can hold none. Whoever sees it can use it:
give it to a browser source, not to a page's visitors. The same query opens the websocket /v1/feed. How the overlay looks may be
added to it: &widgets=gauge,goal,ignition &lang=ja|en &theme=dark|light &scale=1.5 &animate=1.`,
		Example: `  netsu token address --access-keys-file keys.json --show S42 --ttl 12h --base https://netsu.example`,
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			k, err := key.key(func(k access.Key) bool { return k.Alg == "HS256" })
			if err != nil {
				return err
			}
			may, err := access.ParseFields(fields)
			if err != nil {
				return fmt.Errorf("--field: %w", err)
			}
			address, err := access.OverlayAddress(k, base, show, campaign, may, time.Now().Add(ttl))
			if err != nil {
				return err
			}
			fmt.Fprintln(c.OutOrStdout(), address)
			return nil
		},
	}
	key.add(c)
	fs := c.Flags()
	fs.StringVar(&show, "show", "", "the show's id")
	fs.StringVar(&campaign, "campaign", "", "also for the goal of this campaign: grants all of its money to whoever sees the address")
	fs.StringVar(&base, "base", "http://127.0.0.1:8080", "address of the page")
	fs.StringSliceVar(&fields, "field", []string{"room", "insight"}, "kind of fields that it grants: room, money, insight, *")
	parsedVar(fs, &ttl, "ttl", "duration", "12h", "how long it is good, at most 24h", parseTTL(access.MaxAddressTTL))
	cobra.CheckErr(c.MarkFlagRequired("show"))
	return c
}

// pageOf is the page with a token, which its browser keeps and sends to nobody.
func pageOf(base, token string) string { return strings.TrimSuffix(base, "/") + "/#token=" + token }
