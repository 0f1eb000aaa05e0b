package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	tests := flag.Bool("tests", false, "bundle the unit tests into .tests/ instead of the page into dist/")
	root := flag.String("root", "..", "the folder of the page (holds package.json, src and dist)")
	flag.Parse()
	if err := run(*root, *tests); err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
}

func run(root string, tests bool) error {
	root, err := filepath.Abs(root)
	if err != nil {
		return fmt.Errorf("finding the page: %w", err)
	}
	if err := install(root); err != nil {
		return err
	}
	if tests {
		return bundleTests(root)
	}
	return buildPage(root)
}

// install fetches what the lockfile names, if nothing is there yet.
func install(root string) error {
	if _, err := os.Stat(filepath.Join(root, "node_modules")); err == nil {
		return nil
	}
	npm := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir, npm.Stdout, npm.Stderr = root, os.Stderr, os.Stderr
	if err := npm.Run(); err != nil {
		return fmt.Errorf("npm ci: %w", err)
	}
	return nil
}

// pages are the pages and the entry of each: a hashed script and a hashed style sheet.
var pages = map[string]string{"index.html": "app", "overlay.html": "overlay"}

// buildPage replaces dist/ by the pages, their scripts and style sheets, and the licences of what is in them.
func buildPage(root string) error {
	dist := filepath.Join(root, "dist")
	if err := os.RemoveAll(dist); err != nil {
		return fmt.Errorf("clearing dist: %w", err)
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir:     root,
		EntryPoints:       []string{"src/app.tsx", "src/overlay.tsx"},
		EntryNames:        "[name]-[hash]",
		Outdir:            dist,
		Bundle:            true,
		Write:             true,
		Format:            api.FormatESModule,
		Target:            api.ES2022,
		JSX:               api.JSXAutomatic,
		JSXImportSource:   "preact",
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsNone, // see writeLicences
		Charset:           api.CharsetUTF8,
		LogLevel:          api.LogLevelWarning,
	})
	if len(result.Errors) > 0 {
		return errors.New("esbuild found errors")
	}
	for page, entry := range pages {
		if err := writePage(root, page, entry, result.OutputFiles); err != nil {
			return err
		}
	}
	return writeLicences(root)
}

// writePage fills the hashed names of an entry's script and style sheet into a page.
func writePage(root, page, entry string, made []api.OutputFile) error {
	text, err := os.ReadFile(filepath.Join(root, "src", page))
	if err != nil {
		return fmt.Errorf("reading %s: %w", page, err)
	}
	for _, f := range made {
		if name := filepath.Base(f.Path); strings.HasPrefix(name, entry+"-") {
			text = bytes.ReplaceAll(text, []byte(entry+filepath.Ext(name)), []byte(name))
		}
	}
	if err := os.WriteFile(filepath.Join(root, "dist", page), text, 0o644); err != nil {
		return fmt.Errorf("writing %s: %w", page, err)
	}
	return nil
}

// bundled names the packages whose code ends up in the script. Their licences ask to travel with it.
var bundled = []string{"@preact/signals", "@preact/signals-core", "preact", "uplot"}

func writeLicences(root string) error {
	var out strings.Builder
	for _, name := range bundled {
		text, err := os.ReadFile(filepath.Join(root, "node_modules", name, "LICENSE"))
		if err != nil {
			return fmt.Errorf("reading the licence of %s: %w", name, err)
		}
		fmt.Fprintf(&out, "%s\n\n%s\n\n", name, strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
	}
	if err := os.WriteFile(filepath.Join(root, "dist/licences.txt"), []byte(out.String()), 0o644); err != nil {
		return fmt.Errorf("writing the licences: %w", err)
	}
	return nil
}

func bundleTests(root string) error {
	files, err := filepath.Glob(filepath.Join(root, "test/*.test.ts*"))
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no tests in %s/test (%w)", root, err)
	}
	out := filepath.Join(root, ".tests")
	if err := os.RemoveAll(out); err != nil {
		return fmt.Errorf("clearing .tests: %w", err)
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir:   root,
		EntryPoints:     files,
		Outdir:          out,
		OutExtension:    map[string]string{".js": ".mjs"},
		Bundle:          true,
		Write:           true,
		Format:          api.FormatESModule,
		Platform:        api.PlatformNode,
		Target:          api.ES2022,
		JSX:             api.JSXAutomatic,
		JSXImportSource: "preact",
		Sourcemap:       api.SourceMapInline,
		LogLevel:        api.LogLevelWarning,
	})
	if len(result.Errors) > 0 {
		return errors.New("esbuild found errors")
	}
	return nil
}
