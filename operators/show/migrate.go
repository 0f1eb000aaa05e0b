package show

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/netsu/netsu/operators/trust"
	"github.com/netsu/netsu/state"
	"github.com/netsu/netsu/stream/event"
)

// OldestSchema is the version of state that Migrate starts from. In schema 3 trust was written whole under trust/SHOW; in 3
// and 4 heads and people were in 32 parts, which had two digits.
const OldestSchema = 3

const oldPartDigits = 2

// Migrate turns an entry of an older schema into what takes its place.
func Migrate(from int, e state.Entry) ([]state.Entry, error) {
	table, key, _ := strings.Cut(e.Key, "/")
	switch {
	case table == "trust" && from == 3:
		return migrateTrust(key, e)
	case table == "heads":
		v, err := decodeHeads(e.Value)
		if err != nil {
			return nil, fmt.Errorf("the heads %q: %w", key, err)
		}
		return migrateParts(e, key, v.split(), (*headsPart).encode)
	case table == "people":
		v, err := decodePeople(e.Value)
		if err != nil {
			return nil, fmt.Errorf("the people %q: %w", key, err)
		}
		return migrateParts(e, key, v.split(), (*peoplePart).encode)
	}
	return nil, nil
}

// migrateParts writes the parts that an old one was split into, in its place.
func migrateParts[V any](old state.Entry, key string, parts map[int]V, encode func(V) []byte) ([]state.Entry, error) {
	show, _, err := cutKey(key, oldPartDigits)
	if err != nil {
		return nil, err
	}
	table := strings.TrimSuffix(old.Key, key)
	all := []state.Entry{{Key: old.Key}}
	for _, n := range slices.Sorted(maps.Keys(parts)) {
		all = append(all, state.Entry{Key: table + partKey(show, n), Value: encode(parts[n])})
	}
	return all, nil
}

// splitInto puts what is in order of id into the parts that it lies in.
func splitInto[P, V any](parts map[int]*P, all []V, id func(V) event.ID, add func(*P, V)) {
	for _, v := range all {
		n := partOf(id(v))
		if parts[n] == nil {
			parts[n] = new(P)
		}
		add(parts[n], v)
	}
}

func (v *headsPart) split() map[int]*headsPart {
	parts := map[int]*headsPart{}
	splitInto(parts, v.heads, func(h goneHead) event.ID { return h.id }, func(p *headsPart, h goneHead) { p.heads = append(p.heads, h) })
	splitInto(parts, v.orders, func(o goneOrder) event.ID { return o.id }, func(p *headsPart, o goneOrder) { p.orders = append(p.orders, o) })
	return parts
}

func (v *peoplePart) split() map[int]*peoplePart {
	parts := map[int]*peoplePart{}
	splitInto(parts, v.all, func(k knownPerson) event.ID { return k.id }, func(p *peoplePart, k knownPerson) { p.all = append(p.all, k) })
	return parts
}

func migrateTrust(id string, e state.Entry) ([]state.Entry, error) {
	t, err := trust.DecodeWhole(e.Value)
	if err != nil {
		return nil, fmt.Errorf("the trust of show %q: %w", id, err)
	}
	all := []state.Entry{{Key: e.Key, Value: t.Encode()}}
	add := func(key string, b []byte) { all = append(all, state.Entry{Key: key, Value: b}) }
	t.Changed(
		func(n int) { add("trusted/"+partKey(id, n), t.EncodePeople(n)) },
		func(k int64) { add("trusttexts/"+trustTextKey(id, k), t.EncodeTexts(k)) },
		func(int64, bool) {},
	)
	return all, nil
}
