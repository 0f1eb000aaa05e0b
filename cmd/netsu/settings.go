package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Settings come from four places, and each beats those before it:
//
//	default   as the flag has it
//	file      --config FILE or NETSU_CONFIG: YAML, one `key: value` a line         settingsfile.go
//	env       NETSU_KEY
//	flag      --key
//
// The flags of `netsu run` are the list of all settings: a key is a flag's name with _ for -. A name that does not exist
// and a value that does not parse are errors wherever they stand, also where something else beats them; an error says
// where that is and which name was meant, and never what is in a file of secrets. All commands that take --config share
// one file, so a key that a command has no use for is checked and left alone.

const (
	envPrefix = "NETSU_"
	// envTests begin the variables of the test suites, which are no settings.
	envTests = "NETSU_TEST_"
	// fromNote is where a flag's annotations say who set it.
	fromNote = "netsu_from"
	// ownNote marks a command's own flag that is called like a setting and is none.
	ownNote = "netsu_own"
)

// given is a setting's text and where it stands: "file netsu.yaml:3", "env NETSU_LISTEN", "flag".
type given struct{ value, from string }

// addConfig makes a command take settings from file and environment too. `netsu demo` does not: invented shows must not
// be played into whatever cluster the environment names.
func addConfig(c *cobra.Command) {
	c.Flags().String("config", "", "YAML file of settings (see `netsu settings`); NETSU_… variables and flags beat it")
}

// settingFlags are all settings, with their defaults.
func settingFlags() *pflag.FlagSet {
	var f programFlags
	c := &cobra.Command{}
	f.add(c, ".netsu/run")
	return c.Flags()
}

func keyOf(flag string) string { return strings.ReplaceAll(flag, "-", "_") }
func envOf(flag string) string { return envPrefix + strings.ToUpper(keyOf(flag)) }

// takeSettings sets what the command line does not from the environment and the file.
func takeSettings(c *cobra.Command) error {
	fs := c.Flags()
	config := fs.Lookup("config")
	if config == nil {
		return nil
	}
	fs.Visit(func(f *pflag.Flag) { note(fs, f.Name, "flag") })
	env, err := fromEnvironment(os.Environ())
	if !config.Changed && env["config"].value != "" {
		config.Value.Set(env["config"].value)
	}
	delete(env, "config")
	file := map[string]given{}
	if path := config.Value.String(); path != "" {
		var ferr error
		file, ferr = fromFile(path)
		err = errors.Join(ferr, err)
	}
	if err != nil {
		return err
	}
	for _, layer := range []map[string]given{env, file} { // the strongest first: a list must be set once only
		for name, g := range layer {
			f := fs.Lookup(name)
			if f == nil || f.Changed || f.Annotations[ownNote] != nil {
				continue
			}
			if err := fs.Set(name, g.value); err != nil {
				return explain(strings.TrimPrefix(g.from, "file "), g.value, err)
			}
			note(fs, name, g.from)
		}
	}
	return nil
}

func note(fs *pflag.FlagSet, name, from string) {
	cobra.CheckErr(fs.SetAnnotation(name, fromNote, []string{from}))
}

// fromEnvironment reads the NETSU_ variables, by flag. An empty one counts as not set.
func fromEnvironment(environ []string) (map[string]given, error) {
	known := map[string]string{envOf("config"): "config"}
	all := settingFlags()
	all.VisitAll(func(f *pflag.Flag) { known[envOf(f.Name)] = f.Name })
	out := map[string]given{}
	var errs []error
	for _, pair := range environ {
		variable, value, _ := strings.Cut(pair, "=")
		if !strings.HasPrefix(variable, envPrefix) || strings.HasPrefix(variable, envTests) || value == "" {
			continue
		}
		name, ok := known[variable]
		if !ok {
			errs = append(errs, fmt.Errorf("environment: there is no setting %s%s", variable, meant(variable, known)))
			continue
		}
		if name != "config" {
			if err := all.Set(name, value); err != nil {
				errs = append(errs, explain("environment: "+variable, value, err))
				continue
			}
		}
		out[name] = given{value, "env " + variable}
	}
	return out, errors.Join(errs...)
}

// explain words pflag's errors like the program's own: where, what was given, why that is not it.
func explain(where, value string, err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return fmt.Errorf("%s: %w", where, err)
	}
	var own ownReason
	if errors.As(err, &own) {
		return fmt.Errorf("%s %q %w", where, value, own)
	}
	return fmt.Errorf("%s %q is not %s", where, value, kindOfValue(invalid.GetFlag()))
}

// ownReason is why a value is refused by a check of ours, worded to follow the value: "is not a day".
type ownReason string

func (r ownReason) Error() string { return string(r) }

func kindOfValue(f *pflag.Flag) string {
	switch f.Value.Type() {
	case "int", "int16", "int32", "int64":
		return "a whole number that fits"
	case "uint64":
		return "a whole number from 0 up"
	case "float64Slice":
		return "numbers with commas between them"
	case "bool":
		return "true or false"
	case "duration":
		return "a duration such as 5s"
	}
	return "a " + f.Value.Type()
}

// flagError words what is wrong with the command line.
func flagError(c *cobra.Command, err error) error {
	var invalid *pflag.InvalidValueError
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &invalid):
		return explain("--"+invalid.GetFlag().Name, invalid.GetValue(), err)
	case errors.As(err, &unknown):
		known := map[string]string{}
		c.Flags().VisitAll(func(f *pflag.Flag) { known["--"+f.Name] = f.Name })
		return fmt.Errorf("%w%s", err, meant("--"+unknown.GetSpecifiedName(), known))
	}
	return err
}
