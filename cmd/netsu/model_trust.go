package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/stream/replay"
	"github.com/netsu/netsu/stream/sim/bots"
	"github.com/netsu/netsu/stream/source"
)

// trustTrial is what `netsu model trust` is asked.
type trustTrial struct {
	chat, topic, show, lang string
	lasts                   time.Duration
	seed, simSeed           uint64
	kinds                   []string
	rates                   []float64
}

func modelTrustCommand() *cobra.Command {
	var t trustTrial
	c := &cobra.Command{
		Use:   "trust",
		Short: "Put bots into a chat and see which are found, and who is wronged",
		Long: `Put bots of known kinds into a chat, simulated or recorded, and print precision and recall by kind and share of
all comments. People are judged by the lowest weight that they ever had.

  suspects        accounts ever below .5: recall among bots, precision among all suspects (- where there is none)
  under           share of the bots' comments that were posted while they were suspects, 40 s after the evidence
  doubted         accounts ever below .95, the bots' share of theirs and the number of people
  floods          lookalike floods that were listed, those of bots and all

The kinds: copypasta (bursts from accounts that take turns), timer (10 % jitter), poisson (chance times, each line
worded anew), swarm (accounts of a few hours), fanatic (one account, in the chat's own words). In a recording, everybody
but the bots is taken for genuine.`,
		Example: `  netsu model trust --seed 7
  netsu model trust --chat show.ndjson.zst --rates 0.05`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return t.run(c.OutOrStdout(), c.InOrStdin()) },
	}
	kinds := make([]string, len(bots.Kinds))
	for i, k := range bots.Kinds {
		kinds[i] = string(k)
	}
	fs := c.Flags()
	fs.StringVar(&t.chat, "chat", "", "recording to put bots into, as netsu replay reads it; empty means a simulated chat")
	fs.StringVar(&t.topic, "topic", "", "lines of the recording are bare events of this topic: comments")
	fs.StringVar(&t.show, "show", "", "show of the recording; empty means the one with the most comments")
	fs.StringVar(&t.lang, "lang", "en", "language of the simulated chat: ja, en, th or id")
	fs.DurationVar(&t.lasts, "lasts", time.Hour, "length of the simulated chat")
	fs.Uint64Var(&t.seed, "seed", 1, "seed of the bots")
	fs.Uint64Var(&t.simSeed, "chat-seed", 1, "seed of the simulated chat")
	fs.StringSliceVar(&t.kinds, "kinds", kinds, "kinds of bots")
	fs.Float64SliceVar(&t.rates, "rates", []float64{.01, .05, .20}, "the bots' shares of all comments")
	return c
}

func (t *trustTrial) run(out io.Writer, stdin io.Reader) error {
	if t.topic != "" && t.topic != source.Comments {
		return fmt.Errorf("--topic %q is not comments", t.topic)
	}
	genuine, err := t.genuine(stdin)
	if err != nil {
		return err
	}
	if len(genuine) < 2 {
		return errors.New("there are fewer than two comments of known people")
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "bots\tshare\tcomments\taccounts\tsuspects\trecall\tprecision\tunder\tdoubted\tpeople suspected\t"+
		"doubted\tfloods\t")
	row(w, "none", 0, bots.Measure(genuine))
	for _, kind := range t.kinds {
		for _, rate := range t.rates {
			mixed, err := bots.Inject(genuine, bots.Plan{Kind: bots.Kind(kind), Rate: rate, Seed: t.seed})
			if err != nil {
				return err
			}
			row(w, kind, rate, bots.Measure(mixed))
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\nA weight is judged from copies, rhythm and age within one show (a suspect is below %g). "+
		"Not judged: what takes\nseveral shows (lock), refunds, and who comes and stays together (view).\n",
		trust.SuspectBelow)
	return err
}

func (t *trustTrial) genuine(stdin io.Reader) ([]bots.Comment, error) {
	if t.chat == "" {
		return bots.Simulated(t.simSeed, t.lang, t.lasts)
	}
	all, err := bots.Read(replay.Read(t.chat, replay.Config{Topic: t.topic, Stdin: stdin}))
	if err != nil {
		return nil, err
	}
	if t.show == "" {
		return bots.Busiest(all), nil
	}
	return slices.DeleteFunc(all, func(c bots.Comment) bool { return c.Show != t.show }), nil
}

func row(w io.Writer, kind string, rate float64, r bots.Result) {
	fmt.Fprintf(w, "%s\t%s%%\t%d\t%d\t%d\t%s\t%s\t%s\t%s\t%d of %d\t%d\t%d of %d\t\n", kind,
		strconv.FormatFloat(rate*100, 'g', 3, 64), r.BotComments, r.Bots, r.SuspectBots, share(r.SuspectBots, r.Bots),
		share(r.SuspectBots, r.SuspectBots+r.SuspectPeople), share(r.SuspectBotComments, r.BotComments),
		share(r.DoubtedBots, r.Bots), r.SuspectPeople, r.People, r.DoubtedPeople, r.BotFloods, r.Floods)
}

func share(a, b int) string {
	if b == 0 {
		return "-"
	}
	return strconv.FormatFloat(float64(a)/float64(b), 'f', 2, 64)
}
