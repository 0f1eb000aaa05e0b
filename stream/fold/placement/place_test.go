package placement_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/fold/placement"
)

// group draws members of which each partition has at most one owner, with copies here and there.
func group(t *rapid.T) (n int, members []placement.Member) {
	n = rapid.IntRange(0, 24).Draw(t, "partitions")
	members = make([]placement.Member, rapid.IntRange(1, 7).Draw(t, "members"))
	for m := range members {
		members[m].Copies = map[int32]int64{}
	}
	for p := range int32(n) {
		// -1: nobody owns it
		if o := rapid.IntRange(-1, len(members)-1).Draw(t, "owner"); o >= 0 {
			members[o].Owned = append(members[o].Owned, p)
		}
		for m := range members {
			if rapid.IntRange(0, 2).Draw(t, "copy") == 0 {
				members[m].Copies[p] = rapid.Int64Range(0, 5).Draw(t, "at")
			}
		}
	}
	return n, members
}

func counts(owner []int, members int) []int {
	c := make([]int, members)
	for _, o := range owner {
		c[o]++
	}
	return c
}

// Members own as many as each other or one more; no more move than that takes; and the fewest that can, by counting:
// what is above a share, whoever has it.
func TestBalanceAndStickiness(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, members := group(t)
		p := placement.Place(n, members, 1)
		c := counts(p.Owner, len(members))
		if slices.Max(c)-slices.Min(c) > 1 {
			t.Errorf("members own %v", c)
		}
		moved := 0
		var had []int
		for m := range members {
			had = append(had, len(members[m].Owned))
			for _, part := range members[m].Owned {
				if p.Owner[part] != m {
					moved++
				}
			}
		}
		// The fewest: sort by what they had, and let those that had most have the larger shares.
		slices.SortFunc(had, func(a, b int) int { return cmp.Compare(b, a) })
		fewest := 0
		for i, h := range had {
			share := n / len(members)
			if i < n%len(members) {
				share++
			}
			fewest += max(0, h-share)
		}
		if moved != fewest {
			t.Errorf("%d partitions left a living owner, need be %d", moved, fewest)
		}
	})
}

// Every partition has as many standbys as were asked for, if there are members, each another and none its owner.
func TestStandbys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, members := group(t)
		standbys := rapid.IntRange(0, 4).Draw(t, "standbys")
		p := placement.Place(n, members, standbys)
		for part, s := range p.Standbys {
			all := append([]int{p.Owner[part]}, s...)
			slices.Sort(all)
			if len(s) != min(standbys, len(members)-1) || len(slices.Compact(all)) != len(s)+1 {
				t.Errorf("partition %d of %d has owner %d, standbys %v; %d were asked for", part, n, p.Owner[part], s, standbys)
			}
		}
	})
}

// settled is the group after a plan was carried out: standbys are a little behind owners, and what others have is old.
func settled(t *rapid.T, members []placement.Member, p placement.Plan) []placement.Member {
	after := make([]placement.Member, len(members))
	for m := range members {
		after[m].Copies = map[int32]int64{}
		for part, at := range members[m].Copies {
			after[m].Copies[part] = at
		}
	}
	for part, o := range p.Owner {
		after[o].Owned = append(after[o].Owned, int32(part))
		after[o].Copies[int32(part)] = 2_000
		for _, s := range p.Standbys[part] {
			after[s].Copies[int32(part)] = 1_000 + rapid.Int64Range(0, 999).Draw(t, "behind")
		}
	}
	return after
}

// A plan that was carried out is what the next rebalance says again: nothing moves for nothing, no copy is made twice.
func TestPlanIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, members := group(t)
		standbys := rapid.IntRange(1, 3).Draw(t, "standbys")
		before := placement.Place(n, members, standbys)
		after := placement.Place(n, settled(t, members, before), standbys)
		if !slices.Equal(before.Owner, after.Owner) {
			t.Errorf("owners were %v, are %v", before.Owner, after.Owner)
		}
		for part := range before.Standbys {
			// With several, all of which are fresh, it is of no matter which is the likeliest successor.
			b, a := slices.Sorted(slices.Values(before.Standbys[part])), slices.Sorted(slices.Values(after.Standbys[part]))
			if standbys == 1 && !slices.Equal(b, a) {
				t.Errorf("standbys of %d were %v, are %v", part, b, a)
			}
		}
	})
}

// Whichever member dies, all that it owned goes to standbys.
func TestDeathOfAnyMemberIsTakenOverWarm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, members := group(t)
		if len(members) < 2 {
			return
		}
		p := placement.Place(n, members, 1)
		group := settled(t, members, p)
		dead := rapid.IntRange(0, len(members)-1).Draw(t, "dead")
		next := placement.Place(n, slices.Delete(slices.Clone(group), dead, dead+1), 1)
		for part, o := range p.Owner {
			now := next.Owner[part]
			if now >= dead {
				now++
			}
			if o == dead && now != p.Standbys[part][0] {
				t.Errorf("partition %d of %d went to %d, its standby is %v", part, n, now, p.Standbys[part])
			}
			if o != dead && now != o {
				t.Errorf("partition %d left its living owner", part)
			}
		}
	})
}

// What an overfull owner gives up is what those with room have copies of.
func TestOwnerGivesUpWhatIsWarmElsewhere(t *testing.T) {
	members := []placement.Member{
		{Owned: []int32{0, 1, 2, 3}},
		{Copies: map[int32]int64{1: 10, 2: 20, 9: 99}},
	}
	p := placement.Place(4, members, 0)
	if got := fmt.Sprint(p.Owner); got != "[0 1 1 0]" {
		t.Errorf("owners %v, want [0 1 1 0]", got)
	}
}

// What has a copy somewhere is placed before what could go anywhere.
func TestWarmPartitionsAreNotCrowdedOut(t *testing.T) {
	p := placement.Place(2, []placement.Member{{Copies: map[int32]int64{1: 5}}, {}}, 0)
	if got := fmt.Sprint(p.Owner); got != "[1 0]" {
		t.Errorf("owners %v, want [1 0]", got)
	}
}
