package placement_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"pgregory.net/rapid"

	"github.com/netsu/netsu/stream/fold/placement"
)

// process is a member of a group that is played without a broker.
type process struct {
	b          *placement.Balancer
	generation int32
	owned      []int32
	copies     map[int32]int64
	standbys   []int32
}

func newProcess(standbys int) *process {
	p := &process{copies: map[int32]int64{}}
	p.b = placement.New(placement.Config{
		Topic: "log", Standbys: standbys, Copies: func() map[int32]int64 { return p.copies },
		Placed: func(s []int32) { p.standbys = s },
	})
	return p
}

// rebalance plays what the coordinator and the leader do, once. It tells whether somebody has to give something up, after
// which there is another.
func rebalance(t *rapid.T, n int32, generation int32, ps map[string]*process) (again bool) {
	var members []kmsg.JoinGroupResponseMember
	for _, id := range slices.Sorted(maps.Keys(ps)) {
		m := kmsg.NewJoinGroupResponseMember()
		m.MemberID = id
		m.ProtocolMetadata = ps[id].b.JoinGroupMetadata([]string{"log"}, map[string][]int32{"log": ps[id].owned}, ps[id].generation)
		members = append(members, m)
	}
	leader := ps[members[rapid.IntRange(0, len(members)-1).Draw(t, "leader")].MemberID]
	mb, _, err := leader.b.MemberBalancer(members)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := mb.(kgo.GroupMemberBalancerOrError).BalanceOrError(map[string]int32{"log": n})
	if err != nil {
		t.Fatal(err)
	}
	taken := map[int32]string{}
	for _, a := range plan.IntoSyncAssignment() {
		p := ps[a.MemberID]
		got, err := p.b.ParseSyncAssignment(a.MemberAssignment)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range got["log"] {
			if by, ok := taken[part]; ok {
				t.Fatalf("%d was given to %s and to %s", part, by, a.MemberID)
			}
			taken[part] = a.MemberID
			for id, other := range ps {
				if id != a.MemberID && slices.Contains(other.owned, part) {
					t.Fatalf("%d was given to %s while %s had not given it up", part, a.MemberID, id)
				}
			}
		}
		for _, part := range p.owned {
			again = again || !slices.Contains(got["log"], part)
		}
		defer func() { p.owned, p.generation = got["log"], generation }()
	}
	return again
}

// Processes come, leave and die. After each time the group comes to rest with everything owned once, evenly, and a standby
// of everything; what a dead one owned goes to its standbys; nobody gets what another has not given up.
func TestGroupComesToRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int32Range(1, 12).Draw(t, "partitions")
		ps := map[string]*process{}
		generation, born := int32(0), 0
		for range rapid.IntRange(1, 8).Draw(t, "changes") {
			heirs := map[int32]string{}
			if len(ps) > 1 && rapid.Bool().Draw(t, "one dies") {
				dead := rapid.SampledFrom(slices.Sorted(maps.Keys(ps))).Draw(t, "who")
				for _, part := range ps[dead].owned {
					for id, p := range ps {
						if slices.Contains(p.standbys, part) {
							heirs[part] = id
						}
					}
				}
				delete(ps, dead)
			} else {
				born++
				// Names are as random as a broker's.
				ps[fmt.Sprintf("%02d-%d", rapid.IntRange(0, 99).Draw(t, "name"), born)] = newProcess(1)
			}
			rounds := 0
			for generation++; rebalance(t, n, generation, ps); generation++ {
				if rounds++; rounds > 3 {
					t.Fatal("the group does not come to rest")
				}
			}
			rest(t, n, generation, ps)
			for part, id := range heirs {
				if !slices.Contains(ps[id].owned, part) {
					t.Errorf("%d did not go to %s, which had the copy", part, id)
				}
			}
		}
	})
}

// rest checks a group at rest, and lets time pass: copies come to where their owners are.
func rest(t *rapid.T, n, generation int32, ps map[string]*process) {
	owners, copies := map[int32]int{}, map[int32]int{}
	least, most := n, int32(0)
	for _, p := range ps {
		least, most = min(least, int32(len(p.owned))), max(most, int32(len(p.owned)))
		for _, part := range p.owned {
			owners[part]++
			p.copies[part] = int64(generation) * 100
		}
		for _, part := range p.standbys {
			copies[part]++
			p.copies[part] = int64(generation) * 100
			if slices.Contains(p.owned, part) {
				t.Errorf("%d is copied by its owner", part)
			}
		}
	}
	for part := range n {
		if owners[part] != 1 || copies[part] != min(1, len(ps)-1) || most-least > 1 {
			t.Fatalf("%d has %d owners and %d standbys; members own %d to %d", part, owners[part], copies[part], least, most)
		}
	}
}

// What somebody else's member says of itself stops nothing.
func TestUserDataThatIsNotOurs(t *testing.T) {
	p := newProcess(1)
	var members []kmsg.JoinGroupResponseMember
	for i, user := range []string{"", "\x00\x01", `{"copies":"all"}`, `{"copies":{"-1":5,"900":7}}`} {
		meta := kmsg.NewConsumerMemberMetadata()
		meta.Version, meta.Topics, meta.UserData = 3, []string{"log"}, []byte(user)
		m := kmsg.NewJoinGroupResponseMember()
		m.MemberID, m.ProtocolMetadata = fmt.Sprint(i), meta.AppendTo(nil)
		members = append(members, m)
	}
	mb, _, err := p.b.MemberBalancer(members)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := mb.(kgo.GroupMemberBalancerOrError).BalanceOrError(map[string]int32{"log": 8})
	if err != nil || len(plan.IntoSyncAssignment()) != 4 {
		t.Errorf("%v, %v", plan, err)
	}
	told := kmsg.NewConsumerMemberAssignment()
	told.UserData = []byte("\x00\x01")
	p.standbys = []int32{3}
	if _, err := p.b.ParseSyncAssignment(told.AppendTo(nil)); err != nil || len(p.standbys) != 0 {
		t.Errorf("%v, standbys %v", err, p.standbys)
	}
}

// What a member says of its copies reaches the leader.
func TestCopiesAreHeard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ps := map[string]*process{"a": newProcess(0), "b": newProcess(0)}
		ps["a"].copies[1], ps["b"].copies[0] = 1, 1
		rebalance(t, 2, 1, ps)
		if !slices.Equal(ps["a"].owned, []int32{1}) || !slices.Equal(ps["b"].owned, []int32{0}) {
			t.Errorf("a owns %v, b owns %v", ps["a"].owned, ps["b"].owned)
		}
	})
}
