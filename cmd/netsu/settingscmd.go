package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func settingsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "settings",
		Short: "Print the reference of all settings, as Markdown",
		Long: `Print the reference of all settings, as Markdown: deploy/SETTINGS.md is this. What is in force, and where each value
came from, says netsu check.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return printReference(c.OutOrStdout()) },
	}
}

// printReference writes deploy/SETTINGS.md.
func printReference(out io.Writer) error {
	var b strings.Builder
	b.WriteString("# Settings\n\n" +
		"Made by `netsu settings` from the program's flags: change it there, not here.\n\n" +
		"Settings come from four places; each beats those before it:\n\n" +
		"| place | written as | example |\n|---|---|---|\n" +
		"| default | | |\n" +
		"| file | YAML, `key: value` a line, named by `--config` or `NETSU_CONFIG` | `log_level: info` |\n" +
		"| environment | `NETSU_` and the key in capitals; an empty one counts as not set | `NETSU_LOG_LEVEL=info` |\n" +
		"| flag | the key with `-` for `_` | `--log-level info` |\n\n" +
		"A key, variable or flag that does not exist is an error that names it, where it stands and the nearest that does; so " +
		"is a value\nthat does not parse, even where another place beats it. Lists are written with commas, in the file also " +
		"as YAML lists.\n`netsu check` prints what is in force, where each value came from, and tests every connection.\n\n" +
		"Secrets are never values of settings: a setting ending in `_file` names the file. Passwords and tokens are read anew " +
		"for\neach login, so they may be rotated in place. `netsu demo` takes flags only. Variables that begin with " +
		"`NETSU_TEST_` are the\ntest suites' and no settings.\n\n" +
		"| key | kind | default | meaning |\n|---|---|---|---|\n")
	settingFlags().VisitAll(func(f *pflag.Flag) {
		byDefault := "`" + valueOf(f) + "`"
		if byDefault == "``" {
			byDefault = "none"
		}
		usage := strings.NewReplacer("|", `\|`, "\n", " ").Replace(f.Usage)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", keyOf(f.Name), kindName(f.Value.Type()), byDefault, usage)
	})
	_, err := io.WriteString(out, b.String())
	return err
}

// kindName is pflag's word for a kind of value, in people's words.
func kindName(kind string) string {
	switch kind {
	case "stringSlice":
		return "list"
	case "string":
		return "text"
	case "int":
		return "number"
	case "bool":
		return "true or false"
	}
	return kind
}

// valueOf is a setting as a file would have it.
func valueOf(f *pflag.Flag) string {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return strings.Join(list.GetSlice(), ",")
	}
	return f.Value.String()
}
