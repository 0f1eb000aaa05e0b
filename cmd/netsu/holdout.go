package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/operators/holdout"
	"github.com/netsu/netsu/stream"
	"github.com/netsu/netsu/stream/event"
	"github.com/netsu/netsu/stream/ingest"
)

// maxPersonLine bounds a line of ids: ingest takes none as long.
const maxPersonLine = 1024

func holdoutCommand() *cobra.Command {
	var (
		dataDir, keyFile, campaign, platform string
		ppm                                  int64
	)
	c := &cobra.Command{
		Use:   "holdout --campaign ID --ppm N --platform NAME [FILE|-]",
		Short: "Tell whom not to show a campaign, so that what it caused can be told",
		Long: `Read ids of people, one a line, and print each with a tab and its arm, treated or control: control is who is held
out, and whom your systems are not to show the campaign, from its start to its end. The campaign's entry in the catalog
says the same share as --ppm, as holdout_ppm; then its page says what it caused, with an interval.

Who is held out is a function of the campaign and of the pseudonym that events with this platform and person_id get, so the
hashing key must be the one of netsu run. Use the platform and the ids by which orders name their buyers: an order
under another id is in an arm by chance, and makes the effect look smaller.`,
		Example: `  netsu holdout --campaign autumn --ppm 100000 --platform shopify customers.txt > arms.tsv
  zcat ids.gz | netsu holdout --campaign autumn --ppm 100000 --platform line --hashing-key-file KEY | grep control$`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, files []string) error {
			if campaign == "" {
				return errors.New("--campaign must not be empty")
			}
			if keyFile == "" {
				keyFile = stream.KeyFile(dataDir) // never made here: a new key would hold out other people
			}
			key, err := stream.ReadKey(keyFile)
			if err != nil {
				return err
			}
			hasher, err := event.NewHasher(key)
			if err != nil {
				return err
			}
			in := c.InOrStdin()
			if len(files) > 0 && files[0] != "-" {
				file, err := os.Open(files[0])
				if err != nil {
					return err
				}
				defer file.Close()
				in = file
			}
			return writeArms(c.OutOrStdout(), in, func(id string) (holdout.Arm, error) {
				person, err := ingest.Pseudonym(hasher, platform, id)
				return holdout.Of(campaign, person, uint32(ppm)), err
			})
		},
	}
	fs := c.Flags()
	fs.StringVar(&campaign, "campaign", "", "the campaign's id")
	fs.StringVar(&platform, "platform", "", "the platform that events of these people name; may be empty, as in events that "+
		"name none")
	parsedVar(fs, &ppm, "ppm", "int", "1", "parts per million of all people to hold out: the campaign's holdout_ppm",
		within(parseNumber, 1, holdout.MaxPPM))
	fs.StringVar(&dataDir, "data-dir", ".netsu/run", "where netsu run keeps its state, and with the embedded broker its "+
		"hashing key")
	fs.StringVar(&keyFile, "hashing-key-file", "", "file with the 64 hex digits that netsu run pseudonymises persons with; "+
		"empty means DATA-DIR/hashing.key")
	addConfig(c)
	for _, name := range []string{"campaign", "platform", "ppm"} {
		cobra.CheckErr(c.MarkFlagRequired(name))
	}
	return c
}

// writeArms copies the lines that are not empty, each with its arm. The error says which line is none of an id.
func writeArms(out io.Writer, in io.Reader, arm func(id string) (holdout.Arm, error)) error {
	w := bufio.NewWriter(out)
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, maxPersonLine), maxPersonLine)
	n := 0
	for lines.Scan() {
		n++
		id := bytes.TrimSpace(lines.Bytes())
		if len(id) == 0 {
			continue
		}
		a, err := arm(string(id))
		if err != nil {
			return fmt.Errorf("line %d: %w", n, errors.Join(err, w.Flush()))
		}
		fmt.Fprintf(w, "%s\t%s\n", id, a)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("reading line %d: %w", n+1, errors.Join(err, w.Flush()))
	}
	return w.Flush()
}
