package source

import (
	"net/url"
	"strconv"
	"strings"
)

// origin says by whom and from where an order came: note attributes first, which the shop sets itself, then the page
// that the buyer landed on.
func (s shopify) origin(o *shopifyOrder, v *Order) {
	v.Platform = "shopify"
	if o.Customer != nil {
		v.PersonID = string(o.Customer.ID)
	}
	notes := map[string]string{} // as the shop lists them: the last counts
	for _, a := range o.NoteAttributes {
		notes[strings.ToLower(a.Name)] = string(a.Value)
	}
	link := map[string]string{}
	if page, err := url.Parse(o.LandingSite); err == nil {
		for name, values := range page.Query() {
			link[name] = values[0]
		}
		link = lowered(link)
	}
	v.ShowID, v.EsolID, v.CampaignID = notes["show_id"], notes["esol_id"], named(notes, "campaign_id", "utm_campaign")
	if v.CampaignID == "" {
		v.CampaignID = link["utm_campaign"]
	}
	for _, code := range []string{codeOf(notes), codeOf(link), o.LandingSiteRef} {
		if v.AffiliateCode == "" {
			v.AffiliateCode = code
		}
	}
	if len(o.DiscountCodes) > 0 {
		v.Code = o.DiscountCodes[0].Code
	}
	v.Channel = shorten(o.channel(notes, link), maxWord)
	s.settle(v)
}

// channel is as the link says, else as the shop's channel does: the till, the telephone (an order that the staff typed
// in), or the web.
func (o *shopifyOrder) channel(notes, link map[string]string) string {
	for _, c := range []string{notes["channel"], channelOf(notes), channelOf(link)} {
		if c != "" {
			return c
		}
	}
	switch o.SourceName {
	case "shopify_draft_order":
		return "phone"
	case "iphone", "android", "":
		return "web"
	}
	if _, err := strconv.ParseInt(o.SourceName, 10, 64); err == nil {
		return "web" // the number of an app that sells on the web
	}
	return o.SourceName
}
