package main

import (
	"fmt"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// board is a dashboard under construction.
type board struct {
	builder *dashboard.DashboardBuilder
	id      uint32
}

// tag marks our dashboards; each links to the others by it.
const tag = "netsu"

func newBoard(uid, title, about, since string) *board {
	b := dashboard.NewDashboardBuilder(title).Uid(uid).Description(about).Tags([]string{tag}).Readonly().
		Time(since, "now").Refresh("5s").Timezone("browser").Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Link(dashboard.NewDashboardLinkBuilder("Netsu").Type(dashboard.DashboardLinkTypeDashboards).Tags([]string{tag}).
			KeepTime(true).IncludeVars(true)).
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").Type("prometheus"))
	return &board{builder: b}
}

// choice adds a variable of all values that a label of a metric has. Several may be chosen, or all; of a currency only
// one, since currencies cannot be added.
func (b *board) choice(name, label, metric, about string) {
	query := fmt.Sprintf("label_values(%s, %s)", metric, name)
	v := dashboard.NewQueryVariableBuilder(name).Label(label).Description(about).Datasource(source()).
		Query(dashboard.StringOrMap{Map: map[string]any{"query": query, "refId": "v-" + name, "qryType": 1}}).
		Definition(query).Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc)
	if name == "currency" {
		b.builder.WithVariable(v)
		return
	}
	all := dashboard.VariableOption{
		Text:  dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
		Value: dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
	}
	b.builder.WithVariable(v.Multi(true).IncludeAll(true).AllValue(".*").Current(all))
}

// moments marks on the time axis when something happened in the chosen shows.
func (b *board) moments(name, color, kinds string) {
	expr := fmt.Sprintf(`max by (show, kind) (netsu_show_moment_timestamp_seconds{esol=~"$esol",show=~"$show",`+
		`kind=~"%s"}) * 1000`, kinds)
	b.builder.Annotation(dashboard.NewAnnotationQueryBuilder().Name(name).Datasource(source()).Enable(true).
		IconColor(color).Target(asked{"expr": expr, "refId": "moments"}))
}

// asked is an annotation's query.
type asked variants.UnknownDataquery

func (a asked) Build() (variants.Dataquery, error) { return variants.UnknownDataquery(a), nil }

// atValue are fields of an annotation that the SDK has no words for: the value of each series is the time of the mark.
func atValue(annotation map[string]any) {
	annotation["titleFormat"], annotation["textFormat"], annotation["useValueForTime"] = "{{kind}}", "{{show}}", true
}

// row adds a titled row of panels.
func (b *board) row(title string, panels ...panel) error {
	b.builder.WithRow(dashboard.NewRowBuilder(title).Id(b.next()))
	for _, p := range panels {
		made, err := p.build(b.next())
		if err != nil {
			return err
		}
		b.builder.WithPanel(made)
	}
	return nil
}

func (b *board) next() uint32 {
	b.id++
	return b.id
}

// of is a metric of the chosen scopes, once, however many processes show it: of("netsu_show_viewers", "show", "esol").
func of(metric string, labels ...string) string {
	return fmt.Sprintf("max by (%s) (%s%s)", strings.Join(labels, ", "), metric, chosen(labels...))
}

// speed is how fast a counter of the chosen scopes rises, per minute.
func speed(metric string, labels ...string) string {
	by := strings.Join(labels, ", ")
	return fmt.Sprintf("60 * max by (%s) (rate(%s%s[$__rate_interval]))", by, metric, chosen(labels...))
}

// chosen selects by the variables that the labels have.
func chosen(labels ...string) string {
	var conditions []string
	for _, l := range labels {
		switch l {
		case "brand", "campaign", "esol", "show":
			conditions = append(conditions, fmt.Sprintf(`%s=~"$%s"`, l, l))
		case "currency":
			conditions = append(conditions, `currency="$currency"`)
		}
	}
	return "{" + strings.Join(conditions, ",") + "}"
}
