package operators

import "strings"

// Owned is a copy that shares no memory with the record that m came in: what a record holds is valid only while it is
// folded.
func Owned[M any, P interface {
	*M
	MarshalVTStrict() ([]byte, error)
	UnmarshalVT([]byte) error
}](m P) P {
	b, err := m.MarshalVTStrict()
	if err != nil {
		panic("cannot happen: encoding what was decoded: " + err.Error())
	}
	kept := P(new(M))
	if err := kept.UnmarshalVT(b); err != nil {
		panic("cannot happen: decoding what was just encoded: " + err.Error())
	}
	return kept
}

// OwnedList is the same of strings.
func OwnedList(list []string) []string {
	kept := make([]string, len(list))
	for i, s := range list {
		kept[i] = strings.Clone(s)
	}
	return kept
}
