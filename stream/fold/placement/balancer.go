package placement

import (
	"encoding/json"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// ProtocolName is what the balancer is called in the group protocol.
const ProtocolName = "netsu-standby"

// Config of a member's balancer. The functions are called in the goroutine that manages the group, and must not wait for
// it.
type Config struct {
	Topic    string // that the group consumes
	Standbys int    // of each partition, if this member comes to lead; zero means none
	Copies   func() map[int32]int64
	Placed   func(standbys []int32) // the partitions that this member is to keep a copy of from now on
}

// Balancer is a kgo.GroupBalancer that follows the rule in doc.go.
type Balancer struct {
	c    Config
	base kgo.GroupBalancer // says what a cooperative member says
}

var _ kgo.GroupBalancer = (*Balancer)(nil)

// New returns the balancer of a member.
func New(c Config) *Balancer { return &Balancer{c, kgo.CooperativeStickyBalancer()} }

// Offered are the balancers that a member offers, the preferred one first.
func Offered(c Config) []kgo.GroupBalancer {
	return []kgo.GroupBalancer{New(c), kgo.CooperativeStickyBalancer()}
}

// userData is what members say of themselves, and are told, beside what every consumer is. JSON, so that people can look
// at it; map keys are written in order.
type userData struct {
	Copies   map[int32]int64 `json:"copies,omitempty"`
	Standbys []int32         `json:"standbys,omitempty"`
}

func (u userData) encode() []byte {
	b, err := json.Marshal(u)
	if err != nil {
		panic("cannot happen: numbers do not encode: " + err.Error())
	}
	return b
}

// decode takes what it cannot read for nothing said.
func decode(b []byte) (u userData) {
	if json.Unmarshal(b, &u) != nil {
		return userData{}
	}
	return u
}

// ProtocolName implements kgo.GroupBalancer.
func (b *Balancer) ProtocolName() string { return ProtocolName }

// IsCooperative implements kgo.GroupBalancer.
func (b *Balancer) IsCooperative() bool { return true }

// JoinGroupMetadata implements kgo.GroupBalancer.
func (b *Balancer) JoinGroupMetadata(topics []string, owned map[string][]int32, generation int32) []byte {
	said := b.base.JoinGroupMetadata(topics, owned, generation)
	meta := kmsg.NewConsumerMemberMetadata()
	if err := meta.ReadFrom(said); err != nil {
		panic("cannot happen: kgo does not read what it wrote: " + err.Error())
	}
	meta.UserData = userData{Copies: b.c.Copies()}.encode()
	return meta.AppendTo(nil)
}

// ParseSyncAssignment implements kgo.GroupBalancer.
func (b *Balancer) ParseSyncAssignment(assignment []byte) (map[string][]int32, error) {
	owned, err := kgo.ParseConsumerSyncAssignment(assignment)
	if err != nil {
		return nil, err
	}
	told := kmsg.NewConsumerMemberAssignment()
	if err := told.ReadFrom(assignment); err != nil {
		return nil, err
	}
	b.c.Placed(decode(told.UserData).Standbys)
	return owned, nil
}

// MemberBalancer implements kgo.GroupBalancer.
func (b *Balancer) MemberBalancer(members []kmsg.JoinGroupResponseMember) (kgo.GroupMemberBalancer, map[string]struct{}, error) {
	cb, err := kgo.NewConsumerBalancer(b, members)
	return cb, cb.MemberTopics(), err
}

// Balance implements kgo.ConsumerBalancerBalance.
func (b *Balancer) Balance(cb *kgo.ConsumerBalancer, topics map[string]int32) kgo.IntoSyncAssignment {
	n := int(topics[b.c.Topic])
	p := Place(n, b.members(cb, n), b.c.Standbys)
	plan := cb.NewPlan()
	standbys := map[string][]int32{}
	for part, owner := range p.Owner {
		m, _ := cb.MemberAt(owner)
		plan.AddPartition(m, b.c.Topic, int32(part))
		for _, s := range p.Standbys[part] {
			m, _ := cb.MemberAt(s)
			standbys[m.MemberID] = append(standbys[m.MemberID], int32(part))
		}
	}
	plan.AdjustCooperative(cb)
	return told{plan, standbys}
}

// members are what they say they are. Of two that claim a partition, one has missed a rebalance: the claim of the later
// generation counts.
func (b *Balancer) members(cb *kgo.ConsumerBalancer, n int) []Member {
	members := make([]Member, len(cb.Members()))
	type claim struct {
		member     int
		generation int32
	}
	claims := map[int32]claim{}
	for i := range members {
		_, meta := cb.MemberAt(i)
		members[i].Copies = decode(meta.UserData).Copies
		for _, o := range meta.OwnedPartitions {
			for _, part := range o.Partitions {
				had, ok := claims[part]
				if o.Topic == b.c.Topic && int(part) < n && (!ok || had.generation < meta.Generation) {
					claims[part] = claim{i, meta.Generation}
				}
			}
		}
	}
	for part, c := range claims {
		members[c.member].Owned = append(members[c.member].Owned, part)
	}
	for i := range members {
		slices.Sort(members[i].Owned)
	}
	return members
}

// told is a plan, and for each member its standbys.
type told struct {
	*kgo.BalancePlan
	standbys map[string][]int32
}

// IntoSyncAssignment implements kgo.IntoSyncAssignment.
func (t told) IntoSyncAssignment() []kmsg.SyncGroupRequestGroupAssignment {
	all := t.BalancePlan.IntoSyncAssignment()
	for i := range all {
		a := kmsg.NewConsumerMemberAssignment()
		if err := a.ReadFrom(all[i].MemberAssignment); err != nil {
			panic("cannot happen: kgo does not read what it wrote: " + err.Error())
		}
		a.UserData = userData{Standbys: t.standbys[all[i].MemberID]}.encode()
		all[i].MemberAssignment = a.AppendTo(nil)
	}
	return all
}
