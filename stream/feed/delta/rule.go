package delta

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// Kind is how two states of a place merge.
type Kind uint8

// The kinds.
const (
	Set   Kind = iota // the later one counts
	Add               // a sum: the difference counts
	Max               // the greater one counts: as numbers, or as text
	Union             // a list of elements with a key
)

// Rule is how a place merges, and the places below it. A nil rule is Set all the way down.
type Rule struct {
	Kind   Kind
	Key    string           // of Union: the name of the text that tells its elements apart
	Fields map[string]*Rule // of an object
	Each   *Rule            // of a list's elements
}

func (r *Rule) field(name []byte) *Rule {
	if r == nil {
		return nil
	}
	return r.Fields[string(name)]
}

func (r *Rule) each() *Rule {
	if r == nil {
		return nil
	}
	return r.Each
}

func (r *Rule) kind() Kind {
	if r == nil {
		return Set
	}
	return r.Kind
}

// Of reads the rules of a type from the tags of its structs, down to the end. A type that holds itself is not a document.
func Of(t reflect.Type) *Rule {
	switch t.Kind() {
	case reflect.Pointer:
		return Of(t.Elem())
	case reflect.Slice:
		if each := Of(t.Elem()); each != nil {
			return &Rule{Each: each}
		}
		return nil
	case reflect.Struct:
		fields := map[string]*Rule{}
		ofFields(t, fields)
		if len(fields) == 0 {
			return nil
		}
		return &Rule{Fields: fields}
	default:
		return nil
	}
}

func ofFields(t reflect.Type, into map[string]*Rule) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			ofFields(f.Type, into)
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		tag, tagged := f.Tag.Lookup("merge")
		kind, key, _ := strings.Cut(tag, ",")
		r := Of(f.Type)
		switch {
		case !tagged:
		case kind == "set":
			r = nil
		case kind == "add":
			r = &Rule{Kind: Add}
		case kind == "max":
			r = &Rule{Kind: Max}
		case kind == "union" && key != "":
			r = &Rule{Kind: Union, Key: key, Each: r.each()}
		default:
			panic("cannot happen: a merge tag that does not exist: " + tag)
		}
		if r != nil {
			into[name] = r
		}
	}
}

// Places are the rules that are not Set, for people and clients: by JSON Pointer, in which * is any element of a list.
type Places struct {
	Add   []string          `json:"add"`
	Max   []string          `json:"max"`
	Union map[string]string `json:"union"` // to the key
}

// Places lists a rule's places, and those below it.
func (r *Rule) Places() Places {
	p := Places{Add: []string{}, Max: []string{}, Union: map[string]string{}}
	r.places("", &p)
	slices.SortFunc(p.Add, cmp.Compare)
	slices.SortFunc(p.Max, cmp.Compare)
	return p
}

func (r *Rule) places(at string, p *Places) {
	if r == nil {
		return
	}
	switch r.Kind {
	case Add:
		p.Add = append(p.Add, at)
	case Max:
		p.Max = append(p.Max, at)
	case Union:
		p.Union[at] = r.Key
	}
	for name, f := range r.Fields {
		f.places(at+"/"+escape(name), p)
	}
	r.Each.places(at+"/*", p)
}

var (
	escaper   = strings.NewReplacer("~", "~0", "/", "~1")
	unescaper = strings.NewReplacer("~1", "/", "~0", "~")
)

// escape is a name as a segment of a JSON Pointer; unescape its inverse.
func escape(name string) string { return escaper.Replace(name) }

func unescape(segment string) string { return unescaper.Replace(segment) }
