package delta

import (
	"bytes"
	"strconv"
	"sync"
)

// Patch is a difference, each part a JSON text; nil: nothing of that.
type Patch struct {
	Set, Add, Max []byte // objects, of the shape of the document
	Cut           []byte // list of pointers
	Order         []byte // pointers → lists of keys
}

// Empty tells whether there is no difference.
func (p *Patch) Empty() bool {
	return len(p.Set)+len(p.Add)+len(p.Max)+len(p.Cut)+len(p.Order) == 0
}

// AppendMembers writes the patch as members of an object, each with a comma before it.
func (p *Patch) AppendMembers(b []byte) []byte {
	for _, m := range []struct {
		name string
		text []byte
	}{{"cut", p.Cut}, {"set", p.Set}, {"add", p.Add}, {"max", p.Max}, {"order", p.Order}} {
		if len(m.text) > 0 {
			b = append(b, ',', '"')
			b = append(b, m.name...)
			b = append(b, '"', ':')
			b = append(b, m.text...)
		}
	}
	return b
}

// Diff is what makes after of before: objects, as their members with canonical values, in canonical order.
func Diff(r *Rule, before, after []Member) Patch {
	d := scratch.Get().(*differ)
	defer d.done()
	d.members(r, before, after)
	if len(d.cut) > 0 {
		d.cut = append(d.cut, ']')
	}
	if len(d.order) > 0 {
		d.order = append(d.order, '}')
	}
	return Patch{bytes.Clone(d.trees[set]), bytes.Clone(d.trees[add]), bytes.Clone(d.trees[most]), bytes.Clone(d.cut),
		bytes.Clone(d.order)}
}

// scratch are differs to be used again. What they need lies in them and not on the stack: it is the writer of one of many
// connections who asks, and its stack would stay as large as the largest document made it.
var scratch = sync.Pool{New: func() any { return &differ{} }}

// keepScratch bounds what a differ keeps for the next document, in bytes and in members.
const keepScratch = 64 << 10

func (d *differ) done() {
	for i := range d.trees {
		d.trees[i] = kept(d.trees[i])
	}
	d.cut, d.order, d.path = kept(d.cut), kept(d.order), kept(d.path)
	clear(d.space[:cap(d.space)]) // they hold on to documents
	d.space = kept(d.space)
	scratch.Put(d)
}

func kept[T any](s []T) []T {
	if cap(s) > keepScratch {
		return nil
	}
	return s[:0]
}

// The trees of a patch.
const (
	set = iota
	add
	most
	trees
)

// differ writes a patch while it walks two documents. A tree's branch is opened on the way down and taken back on the way
// up where nothing was written in it.
type differ struct {
	trees      [trees][]byte
	cut, order []byte
	path       []byte   // JSON Pointer of where it is, in the escapes of JSON
	space      []Member // of the objects and lists that it is in
}

type marks [trees]int

func (d *differ) open() (m marks) {
	for i := range d.trees {
		m[i] = len(d.trees[i])
		d.trees[i] = append(d.trees[i], '{')
	}
	return m
}

func (d *differ) close(m marks) {
	for i := range d.trees {
		if len(d.trees[i]) == m[i]+1 {
			d.trees[i] = d.trees[i][:m[i]]
		} else {
			d.trees[i] = append(d.trees[i], '}')
		}
	}
}

// under does f for a member, below its name.
func (d *differ) under(name []byte, f func()) {
	var before, within marks
	for i := range d.trees {
		b := d.trees[i]
		before[i] = len(b)
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(append(b, name...), ':')
		d.trees[i], within[i] = b, len(b)
	}
	depth := len(d.path)
	d.path = appendSegment(d.path, name)
	f()
	d.path = d.path[:depth]
	for i := range d.trees {
		if len(d.trees[i]) == within[i] {
			d.trees[i] = d.trees[i][:before[i]]
		}
	}
}

// appendSegment adds a quoted name to a pointer. What JSON escapes in it stays escaped.
func appendSegment(path, name []byte) []byte {
	path = append(path, '/')
	for _, c := range name[1 : len(name)-1] {
		switch c {
		case '~':
			path = append(path, "~0"...)
		case '/':
			path = append(path, "~1"...)
		default:
			path = append(path, c)
		}
	}
	return path
}

func (d *differ) object(r *Rule, before, after []byte) {
	top := len(d.space)
	d.space = Members(before, d.space)
	middle := len(d.space)
	d.space = Members(after, d.space)
	d.members(r, d.space[top:middle:middle], d.space[middle:len(d.space):len(d.space)])
	d.space = d.space[:top]
}

func (d *differ) members(r *Rule, was, is []Member) {
	m := d.open()
	defer d.close(m)
	gone := len(was)
	for i, now := range is {
		at := find(was, now.Name, i)
		if at < 0 {
			d.under(now.Name, func() { d.put(now.Value) })
			continue
		}
		gone--
		if !bytes.Equal(was[at].Value, now.Value) {
			d.under(now.Name, func() { d.value(r.field(now.Name[1:len(now.Name)-1]), was[at].Value, now.Value) })
		}
	}
	if gone > 0 {
		d.cutAll(was, is)
	}
}

// put says that the value is now so.
func (d *differ) put(value []byte) { d.trees[set] = append(d.trees[set], value...) }

// value says how one value became another, which it is not equal to.
func (d *differ) value(r *Rule, before, after []byte) {
	switch {
	case before[0] == '{' && after[0] == '{':
		d.object(r, before, after)
	case before[0] == '[' && after[0] == '[' && r.kind() == Union:
		d.list(r, before, after)
	case before[0] == '[' && after[0] == '{': // an object would be read as elements
		d.cutAt(d.path)
		d.put(after)
	case r.kind() == Add && d.sum(before, after):
	case r.kind() == Max && rose(before, after):
		d.trees[most] = append(d.trees[most], after...)
	default:
		d.put(after)
	}
}

// sum says by how much a whole number, or a text of one, changed; false where it is none or the difference has no room.
func (d *differ) sum(before, after []byte) bool {
	quoted := before[0] == '"'
	if quoted != (after[0] == '"') {
		return false
	}
	if quoted {
		before, after = before[1:len(before)-1], after[1:len(after)-1]
	}
	a, err1 := strconv.ParseInt(string(before), 10, 64)
	b, err2 := strconv.ParseInt(string(after), 10, 64)
	diff := b - a
	if err1 != nil || err2 != nil || (diff < 0) != (b < a) || !canonicalInt(before) || !canonicalInt(after) {
		return false
	}
	if !quoted && max(a, -a, b, -b, diff, -diff) > 1<<53 {
		return false // beyond, a client's float64 does not hold it, or not what is to be added
	}
	t := d.trees[add]
	if quoted {
		t = append(t, '"')
	}
	t = strconv.AppendInt(t, diff, 10)
	if quoted {
		t = append(t, '"')
	}
	d.trees[add] = t
	return true
}

// canonicalInt tells whether a parsed integer is written as it would be written again: not +1, 01 or -0.
func canonicalInt(b []byte) bool {
	if b[0] == '-' {
		b = b[1:]
		return b[0] != '0'
	}
	return b[0] != '+' && (b[0] != '0' || len(b) == 1)
}

// rose tells whether after is greater: two texts of ASCII byte by byte, two numbers as such.
func rose(before, after []byte) bool {
	if before[0] == '"' && after[0] == '"' {
		return ascii(before) && ascii(after) &&
			bytes.Compare(after[1:len(after)-1], before[1:len(before)-1]) > 0
	}
	a, err1 := strconv.ParseFloat(string(before), 64)
	b, err2 := strconv.ParseFloat(string(after), 64)
	return err1 == nil && err2 == nil && b > a
}

// ascii tells whether a text compares alike in all languages: without escapes, and of ASCII alone.
func ascii(b []byte) bool {
	for _, c := range b {
		if c == '\\' || c >= 0x80 {
			return false
		}
	}
	return true
}

// list says how the elements of a union changed, or what it is now where keys do not tell them apart.
func (d *differ) list(r *Rule, before, after []byte) {
	top := len(d.space)
	defer func() { d.space = d.space[:top] }()
	space, ok1 := elements(before, r.Key, d.space)
	middle := len(space)
	space, ok2 := elements(after, r.Key, space)
	if !ok1 || !ok2 || twice(space[top:middle]) || twice(space[middle:]) {
		d.put(after)
		return
	}
	d.space = space
	was, is := space[top:middle:middle], space[middle:len(space):len(space)]
	kept := 0
	for i := range is {
		if find(was, is[i].Name, i) >= 0 {
			kept++
		}
	}
	if kept == 0 {
		d.put(after)
		return
	}
	m := d.open()
	for i, now := range is {
		at := find(was, now.Name, i)
		switch {
		case at < 0:
			d.under(now.Name, func() { d.put(now.Value) })
		case !bytes.Equal(was[at].Value, now.Value):
			d.under(now.Name, func() { d.value(r.each(), was[at].Value, now.Value) })
		}
	}
	d.close(m)
	if kept < len(was) {
		d.cutAll(was, is)
	}
	if !follows(was, is, kept) {
		d.reorder(is)
	}
}

func twice(all []Member) bool {
	seen := make(map[string]bool, len(all))
	for _, m := range all {
		if seen[string(m.Name)] {
			return true
		}
		seen[string(m.Name)] = true
	}
	return false
}

// follows tells whether the order is what a client finds by itself: those that stayed as they were, and one at most behind
// them.
func follows(was, is []Member, kept int) bool {
	if len(is) > kept+1 {
		return false
	}
	next := 0
	for i := range is {
		at := find(was, is[i].Name, next)
		if at < 0 {
			return i == len(is)-1
		}
		if at < next {
			return false
		}
		next = at + 1
	}
	return true
}

func (d *differ) cutAll(was, is []Member) {
	for i, m := range was {
		if find(is, m.Name, i) < 0 {
			depth := len(d.path)
			d.path = appendSegment(d.path, m.Name)
			d.cutAt(d.path)
			d.path = d.path[:depth]
		}
	}
}

func (d *differ) cutAt(path []byte) {
	if len(d.cut) == 0 {
		d.cut = append(d.cut, '[')
	} else {
		d.cut = append(d.cut, ',')
	}
	d.cut = append(append(append(d.cut, '"'), path...), '"')
}

func (d *differ) reorder(is []Member) {
	if len(d.order) == 0 {
		d.order = append(d.order, '{')
	} else {
		d.order = append(d.order, ',')
	}
	d.order = append(append(append(d.order, '"'), d.path...), `":[`...)
	for i, m := range is {
		if i > 0 {
			d.order = append(d.order, ',')
		}
		d.order = append(d.order, m.Name...)
	}
	d.order = append(d.order, ']')
}
