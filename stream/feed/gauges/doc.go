// Package gauges shows meters to Prometheus, with a number of series that is bounded.
//
//	feed ─▶ []Scope ─▶ slots: who has series ─┬─▶ netsu_show_*, netsu_esol_*, netsu_campaign_*, netsu_brand_*
//	      at a scrape                         └─▶ the rest, summed into "__other__" as far as it can be summed
//
// What a series says. A number that is not known is not there: it is never 0. Why heat, sync or contagion is not there,
// netsu_show_insufficient says. Money is in major units (yen, dollars) of its label currency, since that is Prometheus'
// base unit, and so it is a float: a view of the exact minor units, which the feed has. Currencies are never added.
//
// Counters never fall. A layer of money can (an order is corrected, a credit moves to another ESOL), so a counter is the
// highest that its layer has been since this process began; the gauges net and settled are what holds now.
//
// Bounds. A scope has at most ShowSeries, EsolSeries, CampaignSeries or BrandSeries series, and each kind of scope has a
// limit (Limits). A show has series from when it is seen on the air until Linger after its end, or until another on the
// air needs them. An ESOL, campaign or brand keeps its own as long as the feed knows it, unless others want them and it
// has not changed for an hour. Those without are counted in netsu_feed_left_out_scopes; their money, acts and heads are in
// "__other__", their temperatures and returns nowhere. Of a scope's currencies the first two that were seen have series,
// further ones are in "__other__" too.
//
// No label names a viewer, an order or a product.
package gauges
