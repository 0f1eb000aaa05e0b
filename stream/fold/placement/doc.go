// Package placement says which process of a stage's consumer group owns which partition, and which others keep a copy of
// its state for the day when the owner dies.
//
//	each member, joining:   what it owns (as every cooperative member says)
//	                        and in its user data: partition → the changelog offset that the copy on its disk has come to
//	the leader:             Place
//	each member, synced:    what it owns, and in its user data: the partitions that it is a standby of
//
// It is a balancer of the classic group protocol beside kgo's cooperative-sticky, which is offered too: a group in which
// some member knows only that one uses that one, without standbys, and goes over to this one by itself once the last such
// member is gone. So processes can be upgraded, and taken back, one by one. Where the broker stores an assignment (a static
// member that comes back), the standbys are in it.
//
// # The rule
//
// In this order:
//
//  1. Balance: members own as many partitions as each other, or one more.
//  2. Stickiness: no partition leaves a living owner but for balance.
//  3. Warmth: a partition that is placed anew goes to the member whose copy has come furthest, of those that have room; an
//     owner that must give some up gives those of which such a member has a copy.
//  4. Else: to the member that owns least.
//
// So a first process that gets company hands partitions over at once, to members that have nothing of their state and read
// it from the changelog. Waiting until they have copied it would spare that stop and need a second rebalance, and with it
// somebody who watches the copies and asks for one.
//
// A standby is the member that would own the partition, by this same rule, if its owner died. So whichever one member dies,
// every partition of its goes to where the copy is, however the numbers divide. Further standbys, where more than one is
// asked for, go where fewest are, and stay where a copy is.
//
// The leader's setting is the one that counts. Members that are being upgraded may differ for a while; there is no more to
// it than the number of copies.
//
// # What it does not do
//
// It knows no racks. It starts no rebalance. It never fails one for user data that it cannot read: such a member has no
// copies, or gets no standbys.
package placement
