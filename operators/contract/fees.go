package contract

import "slices"

// FixedFee is what the ESOL gets for taking part. Once the campaign has ended, a shortfall of the ESOL's committed net
// GMV takes from it: in proportion, where the contract says so.
func (t *Terms) FixedFee(netMinor int64, ended bool) int64 {
	fee := t.contract.GetFixedFeeMinor()
	if goal := t.contract.GetCommitmentMinor(); ended && goal > 0 && t.contract.GetShortfall() == ProRata {
		return mulDiv(fee, min(max(0, netMinor), goal), goal)
	}
	return fee
}

// The rules for a shortfall.
const (
	ProRata = "pro_rata"
	Penalty = "penalty"
)

// Commitment is the net GMV that the ESOL has promised; 0: none.
func (t *Terms) Commitment() int64 { return t.contract.GetCommitmentMinor() }

// Shortfall is what is missing to the commitment.
func (t *Terms) Shortfall(netMinor int64) int64 {
	return max(0, t.contract.GetCommitmentMinor()-max(0, netMinor))
}

// PenaltyMinor is what the ESOL owes for a shortfall, at most its fixed fee [JUDG]: what it has earned by selling is
// not taken.
func (t *Terms) PenaltyMinor(netMinor int64) int64 {
	if t.contract.GetShortfall() != Penalty {
		return 0
	}
	return min(scale(t.Shortfall(netMinor), int64(t.contract.GetPenaltyPpm())), t.contract.GetFixedFeeMinor())
}

// TopUp is what is missing of the guarantee, given what the ESOL has earned by its orders.
func (t *Terms) TopUp(earnedMinor int64) int64 {
	return max(0, t.contract.GetGuaranteeMinor()-max(0, earnedMinor))
}

// Spend is what the campaign costs beside its deals.
func (t *Terms) Spend() int64 { return t.campaign.GetSpendMinor() }

// Goal is the net GMV that the campaign as a whole has committed to; 0: none.
func (t *Terms) Goal() int64 { return t.campaign.GetGmvCommitmentMinor() }

// Names tells whether the campaign names the ESOL: only those that it names have fees, a guarantee and a commitment.
func (t *Terms) Names(esol string) bool { return slices.Contains(t.campaign.GetEsolIds(), esol) }

// Fees tells whether there is anything to be owed beside the commission.
func (t *Terms) Fees() bool {
	return t.contract.GetFixedFeeMinor() > 0 || t.contract.GetGuaranteeMinor() > 0
}
