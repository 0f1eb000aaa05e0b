package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/netsu/netsu/operators/metrics"
)

func metricsCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:   "metrics [NAME…]",
		Short: "Say what each number about selling means: what over what, in which window, by which rule",
		Long: `Print the reference of metrics: what is divided by what. With names, all that is said of those: basis, window,
attribution, what refunds do, the minimum sample, and what platforms mean by the same name.`,
		Example: `  netsu metrics
  netsu metrics gpm uv_value_net
  netsu metrics --format json`,
		RunE: func(c *cobra.Command, names []string) error {
			of := metrics.All()
			if len(names) > 0 {
				of = nil
			}
			for _, name := range names {
				d, ok := metrics.Find(name)
				if !ok {
					return fmt.Errorf("there is no metric %q: see netsu metrics", name)
				}
				of = append(of, d)
			}
			switch {
			case format == "json":
				return writeMetricsJSON(c.OutOrStdout(), of)
			case format != "text":
				return fmt.Errorf("--format %q is neither text nor json", format)
			case len(names) > 0:
				return writeMetrics(c.OutOrStdout(), of)
			}
			return writeMetricsTable(c.OutOrStdout(), of)
		},
	}
	c.Flags().StringVar(&format, "format", "text", "text or json")
	return c
}

func writeMetricsJSON(w io.Writer, of []metrics.Definition) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(struct {
		Version int                  `json:"version"`
		Metrics []metrics.Definition `json:"metrics"`
	}{metrics.Version, of})
}

func writeMetricsTable(out io.Writer, of []metrics.Definition) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, d := range of {
		fmt.Fprintf(w, "%s\t%s\t%s\n", d.Name, d.Unit, formula(d))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\nVersion %d. netsu metrics NAME says more of one.\n", metrics.Version)
	return err
}

func writeMetrics(out io.Writer, of []metrics.Definition) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i, d := range of {
		if i > 0 {
			fmt.Fprintln(w)
		}
		sample := "none"
		if d.SampleMin > 0 {
			sample = fmt.Sprintf("%d %s", d.SampleMin, d.Sample)
		}
		for _, line := range [][2]string{{d.Name, d.EN + " / " + d.JA}, {"unit", string(d.Unit)}, {"is", formula(d)},
			{"basis", d.Basis}, {"window", d.Window}, {"attribution", d.Attribution}, {"refunds", d.RefundRule},
			{"at least", sample}, {"elsewhere", cmp.Or(d.Conflict, "the same")}} {
			fmt.Fprintf(w, "%s\t%s\n", line[0], line[1])
		}
	}
	return w.Flush()
}

// formula is a numerator and what it is divided by.
func formula(d metrics.Definition) string {
	if d.Denominator == "" {
		return d.Numerator
	}
	return d.Numerator + " ÷ " + d.Denominator
}
