package derive

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// Docs are the doc comments of structs: of a type under its name, of a field under Type.Field.
type Docs map[string]string

// ReadDocs reads those of all packages in dirs, tests among them. Types of different packages must not have the same name.
func ReadDocs(dirs ...string) (Docs, error) {
	docs := Docs{}
	for _, dir := range dirs {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			return nil, err
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("reading doc comments: no Go files in %s: %w", dir, os.ErrNotExist)
		}
		for _, name := range names {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return nil, fmt.Errorf("reading doc comments: %w", err)
			}
			docs.file(f)
		}
	}
	return docs, nil
}

func (d Docs) file(f *ast.File) {
	for _, decl := range f.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, spec := range g.Specs {
			t := spec.(*ast.TypeSpec)
			s, ok := t.Type.(*ast.StructType)
			if !ok {
				continue
			}
			comment := t.Doc
			if comment == nil {
				comment = g.Doc
			}
			d[t.Name.Name] = text(comment)
			for _, field := range s.Fields.List {
				for _, name := range field.Names {
					d[t.Name.Name+"."+name.Name] = strings.TrimSpace(text(field.Doc) + "\n" + text(field.Comment))
				}
			}
		}
	}
}

// text is a comment with the lines of each paragraph joined; what is indented stays as it is.
func text(c *ast.CommentGroup) string {
	if c == nil {
		return ""
	}
	var b strings.Builder
	var before string
	for i, line := range strings.Split(strings.TrimSpace(c.Text()), "\n") {
		switch {
		case i == 0:
		case line == "" || before == "" || strings.HasPrefix(line, "\t") || strings.HasPrefix(before, "\t"):
			b.WriteByte('\n')
		default:
			b.WriteByte(' ')
		}
		b.WriteString(line)
		before = line
	}
	return b.String()
}
