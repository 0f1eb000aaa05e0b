package shardset_test

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/operators/shardset"
)

// A set is what a map of its shards is, and says them ascending.
func TestASetIsAMap(t *testing.T) {
	shard := rapid.IntRange(0, shardset.Shards-1)
	rapid.Check(t, func(t *rapid.T) {
		var set, other shardset.Set
		want, of := map[int]bool{}, map[int]bool{}
		holds := func(s *shardset.Set, want map[int]bool) {
			var got []int
			s.Each(func(n int) { got = append(got, n) })
			if !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
				t.Fatalf("has %v, want %v", got, want)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				n := shard.Draw(t, "shard")
				set.Add(n)
				want[n] = true
			},
			"add to the other": func(t *rapid.T) {
				n := shard.Draw(t, "shard")
				other.Add(n)
				of[n] = true
			},
			"remove": func(t *rapid.T) {
				n := shard.Draw(t, "shard")
				set.Remove(n)
				delete(want, n)
			},
			"union": func(*rapid.T) {
				set.Union(&other)
				maps.Copy(want, of)
			},
			"take": func(*rapid.T) {
				added := set.Take(&other)
				fresh := maps.Clone(of)
				maps.DeleteFunc(fresh, func(n int, _ bool) bool { return want[n] })
				holds(&added, fresh)
				maps.Copy(want, of)
			},
			"": func(*rapid.T) {
				holds(&set, want)
				holds(&other, of)
			},
		})
	})
}

// Shards lie in the order of what they hold: a range of it each.
func TestShardsAreRanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b")
		if x, y := shardset.Of(min(a, b)), shardset.Of(max(a, b)); x > y || y >= shardset.Shards {
			t.Errorf("%x is in %d and %x in %d", min(a, b), x, max(a, b), y)
		}
	})
	if shardset.Of(0) != 0 || shardset.Of(1<<64-1) != shardset.Shards-1 {
		t.Error("not all shards are used")
	}
}
