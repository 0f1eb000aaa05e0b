package contract

import (
	"fmt"

	"github.com/netsu/netsu/stream/event/eventpb"
)

// Check says what is impossible about a campaign's contract, naming the field; nil: nothing, or it has none. Amounts
// and rates on their own (below zero, above one) are the decoder's to refuse; they are checked here too, as a contract
// may come from elsewhere.
func Check(c *eventpb.Campaign) error {
	k := c.GetContract()
	if k == nil {
		return nil
	}
	if err := checkAmounts(c, k); err != nil {
		return err
	}
	if k.Base != "" && k.Base != "net" && k.Base != "margin" {
		return fmt.Errorf("base: expected net or margin, got %d bytes", len(k.Base))
	}
	if k.Base == "margin" && c.MarginPpm == 0 {
		return fmt.Errorf("base: expected a margin_ppm above 0 for a share of the margin")
	}
	if err := checkLegs(c, k); err != nil {
		return err
	}
	if err := checkRates("rates", k.Rates); err != nil {
		return err
	}
	if err := checkTiers("tiers", k.Tiers); err != nil {
		return err
	}
	for i, v := range k.Versions {
		if i > 0 && v.ValidFromMs <= k.Versions[i-1].ValidFromMs {
			return fmt.Errorf("versions: expected each valid_from after the one before, got %d ms at %d",
				v.ValidFromMs-k.Versions[i-1].ValidFromMs, i)
		}
		if err := checkRates("versions: rates", v.Rates); err != nil {
			return err
		}
		if err := checkTiers("versions: tiers", v.Tiers); err != nil {
			return err
		}
		if v.CommissionPpm > PPM {
			return fmt.Errorf("versions: commission_ppm: expected at most 1000000, got %d", v.CommissionPpm)
		}
	}
	return checkShortfall(k)
}

func checkAmounts(c *eventpb.Campaign, k *eventpb.Contract) error {
	money := false
	for _, a := range []struct {
		name  string
		minor int64
	}{
		{"fixed_fee", k.FixedFeeMinor}, {"cap_order", k.CapOrderMinor}, {"cap_item", k.CapItemMinor},
		{"cap_month", k.CapMonthMinor}, {"guarantee", k.GuaranteeMinor}, {"commitment", k.CommitmentMinor},
	} {
		if a.minor < 0 {
			return fmt.Errorf("%s: expected zero or more, got less", a.name)
		}
		money = money || a.minor > 0
	}
	for _, d := range []struct {
		name string
		ms   int64
	}{
		{"lock_ms", k.LockMs}, {"notice_ms", k.NoticeMs}, {"payout_delay_ms", k.PayoutDelayMs}, {"close_ms", k.CloseMs},
	} {
		if d.ms < 0 {
			return fmt.Errorf("%s: expected zero or more, got less", d.name)
		}
	}
	if money && c.Currency == "" {
		return fmt.Errorf("currency: expected one, as the contract has amounts")
	}
	return nil
}

// checkLegs refuses shares above the whole, and a share beside rates: one or the other says what an order earns.
func checkLegs(c *eventpb.Campaign, k *eventpb.Contract) error {
	if len(k.Legs) == 0 {
		return nil
	}
	if c.CommissionPpm > 0 || len(k.Rates) > 0 || len(k.Tiers) > 0 || len(k.Versions) > 0 {
		return fmt.Errorf("legs: expected no commission_ppm, rates, tiers or versions beside them")
	}
	sum, brand, seen := int64(0), false, map[string]bool{}
	for _, l := range k.Legs {
		if l.Party == "" || seen[l.Party] {
			return fmt.Errorf("legs: expected each party once, with a name")
		}
		seen[l.Party] = true
		brand = brand || l.Party == Brand
		sum += int64(l.Ppm)
	}
	if sum > PPM || brand && sum != PPM {
		want := "at most"
		if brand {
			want = "exactly"
		}
		return fmt.Errorf("legs: expected %s 1000000 ppm in all, got %d", want, sum)
	}
	return nil
}

func checkRates(name string, rates []*eventpb.Rate) error {
	seen := map[[2]string]bool{}
	for _, r := range rates {
		key := [2]string{r.ProductId, r.EsolTier}
		switch {
		case key == [2]string{}:
			return fmt.Errorf("%s: expected a product_id or an esol_tier in each", name)
		case seen[key]:
			return fmt.Errorf("%s: expected one for each product_id and esol_tier, got two", name)
		case r.Ppm > PPM:
			return fmt.Errorf("%s: ppm: expected at most 1000000, got %d", name, r.Ppm)
		}
		seen[key] = true
	}
	return nil
}

func checkTiers(name string, tiers []*eventpb.Tier) error {
	for i, b := range tiers {
		switch {
		case b.FromMinor < 0 || i > 0 && b.FromMinor <= tiers[i-1].FromMinor:
			return fmt.Errorf("%s: expected each from above the one before", name)
		case b.Ppm > PPM:
			return fmt.Errorf("%s: ppm: expected at most 1000000, got %d", name, b.Ppm)
		}
	}
	return nil
}

func checkShortfall(k *eventpb.Contract) error {
	switch k.Shortfall {
	case "":
		return nil
	case ProRata, Penalty:
	default:
		return fmt.Errorf("shortfall: expected pro_rata or penalty, got %d bytes", len(k.Shortfall))
	}
	switch {
	case k.CommitmentMinor == 0:
		return fmt.Errorf("shortfall: expected a commitment that can be missed")
	case k.FixedFeeMinor == 0:
		return fmt.Errorf("shortfall: expected a fixed_fee that it can take from")
	case k.Shortfall == Penalty && (k.PenaltyPpm == 0 || k.PenaltyPpm > PPM):
		return fmt.Errorf("penalty_ppm: expected 1 to 1000000 for a penalty, got %d", k.PenaltyPpm)
	}
	return nil
}
