package delta

import "bytes"

// The texts compared are canonical, and have been made here: a scanner that trusts them is all that is needed.

// value is where the value that starts at i ends.
func value(b []byte, i int) int {
	switch b[i] {
	case '"':
		return textEnd(b, i)
	case '{', '[':
		return nested(b, i)
	}
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' {
		i++
	}
	return i
}

// textEnd is where the string that starts at i ends.
func textEnd(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

func nested(b []byte, i int) int {
	for depth := 0; ; i++ {
		switch b[i] {
		case '"':
			i = textEnd(b, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}

// Member is a member of an object, or an element of a list, whose name is its key.
type Member struct {
	Name  []byte // with its quotes
	Value []byte
}

// Members reads an object of canonical text, behind those that are there.
func Members(b []byte, into []Member) []Member {
	for i := 1; b[i] != '}'; {
		if b[i] == ',' {
			i++
		}
		colon := textEnd(b, i)
		end := value(b, colon+1)
		into = append(into, Member{b[i:colon], b[colon+1 : end]})
		i = end
	}
	return into
}

// elements reads a list whose elements are objects with a text under the key; false where one is not.
func elements(b []byte, key string, into []Member) ([]Member, bool) {
	for i := 1; b[i] != ']'; {
		if b[i] == ',' {
			i++
		}
		end := value(b, i)
		name := under(b[i:end], key)
		if name == nil {
			return nil, false
		}
		into = append(into, Member{name, b[i:end]})
		i = end
	}
	return into, true
}

// under is the text that an object holds under a name, with its quotes; nil where there is none.
func under(b []byte, name string) []byte {
	if b[0] != '{' {
		return nil
	}
	for i := 1; b[i] != '}'; {
		if b[i] == ',' {
			i++
		}
		colon := textEnd(b, i)
		end := value(b, colon+1)
		if b[colon+1] == '"' && string(b[i+1:colon-1]) == name {
			return b[colon+1 : end]
		}
		i = end
	}
	return nil
}

// find is the place of a name among members, tried first where it would be if nothing had come or gone; -1: none.
func find(all []Member, name []byte, first int) int {
	if first < len(all) && bytes.Equal(all[first].Name, name) {
		return first
	}
	for i := range all {
		if bytes.Equal(all[i].Name, name) {
			return i
		}
	}
	return -1
}
