package main

import (
	"fmt"
	"slices"

	"github.com/grafana/grafana-foundation-sdk/go/bargauge"
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// panel is what a panel asks and says.
type panel struct {
	title string
	about string // what the number is, and what it is not
	empty string // what stands there when there is nothing, and why that may be
	unit  string
	look  look
	width uint32 // of 24
	query []query

	steps    []dashboard.Threshold
	mappings []dashboard.ValueMapping
	columns  []column // of a table
	max      float64  // of the axis; 0: as it comes
	decimals float64
	thin     string // series whose names match are drawn thin: the ends of an interval
	right    string // series whose names match are on the right axis
	rightIs  string // the unit there
}

// query is one expression. In a table, its name is its column's.
type query struct{ expr, name string }

// column is how a column of a table is shown.
type column struct {
	name, unit string
	mappings   []dashboard.ValueMapping
	steps      []dashboard.Threshold
}

type look int

const (
	lines look = iota
	number
	grid
	bars
)

const height = 8

// source is the data source that the variable names.
func source() common.DataSourceRef {
	return common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${datasource}")}
}

// ready is a panel that is built.
type ready struct{ dashboard.Panel }

func (r ready) Build() (dashboard.Panel, error) { return r.Panel, nil }

// build makes the panel of an id.
func (p panel) build(id uint32) (cog.Builder[dashboard.Panel], error) {
	if p.title == "" || p.about == "" || p.empty == "" || p.unit == "" || p.width == 0 || len(p.query) == 0 {
		return nil, fmt.Errorf("panel %q: title, about, empty, unit, width and a query are needed", p.title)
	}
	made, err := p.drawn().Build()
	if err != nil {
		return nil, fmt.Errorf("panel %q: %w", p.title, err)
	}
	made.Id, made.Title, made.Description = &id, &p.title, &p.about
	made.Datasource = cog.ToPtr(source())
	made.GridPos = &dashboard.GridPos{W: p.width, H: height}
	if p.look == number {
		made.GridPos.H = height / 2
	}
	for i, q := range p.query {
		query, err := p.asked(i, q).Build()
		if err != nil {
			return nil, fmt.Errorf("panel %q: %w", p.title, err)
		}
		made.Targets = append(made.Targets, query)
	}
	if made.FieldConfig == nil {
		made.FieldConfig = dashboard.NewFieldConfigSource()
	}
	d := &made.FieldConfig.Defaults
	d.Unit, d.NoValue = &p.unit, &p.empty
	if p.decimals > 0 {
		d.Decimals = &p.decimals
	}
	if p.max > 0 {
		d.Min, d.Max = cog.ToPtr(0.0), &p.max
	}
	d.Mappings = append(d.Mappings, p.mappings...)
	steps := p.steps
	if steps == nil {
		steps = levels("green")
	}
	d.Thresholds = &dashboard.ThresholdsConfig{Mode: dashboard.ThresholdsModeAbsolute, Steps: steps}
	return ready{made}, nil
}

func (p panel) asked(i int, q query) *prometheus.DataqueryBuilder {
	b := prometheus.NewDataqueryBuilder().Expr(q.expr).RefId(ref(i)).LegendFormat(q.name).Datasource(source())
	switch p.look {
	case grid:
		return b.Instant().Format(prometheus.PromQueryFormatTable)
	case lines:
		return b.Range()
	}
	return b.Instant()
}

// ref names the i-th query of a panel.
func ref(i int) string { return string(rune('A' + i)) }

// drawn is the panel as far as its look goes.
func (p panel) drawn() cog.Builder[dashboard.Panel] {
	switch p.look {
	case number:
		return stat.NewPanelBuilder().GraphMode(common.BigValueGraphModeNone).
			ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}))
	case bars:
		return bargauge.NewPanelBuilder().Orientation(common.VizOrientationHorizontal).
			DisplayMode(common.BarGaugeDisplayModeBasic).
			ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}))
	case grid:
		return p.tabled()
	}
	b := timeseries.NewPanelBuilder().FillOpacity(6).LineWidth(2).ShowPoints(common.VisibilityModeNever).
		Legend(common.NewVizLegendOptionsBuilder().ShowLegend(true).DisplayMode(common.LegendDisplayModeList).
			Placement(common.LegendPlacementBottom)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	if p.thin != "" {
		b.OverrideByRegexp(p.thin, []dashboard.DynamicConfigValue{
			{Id: "custom.lineWidth", Value: 1}, {Id: "custom.fillOpacity", Value: 0},
			{Id: "custom.lineStyle", Value: map[string]any{"fill": "dash", "dash": []int{4, 6}}},
		})
	}
	if p.right != "" {
		b.OverrideByRegexp(p.right, []dashboard.DynamicConfigValue{
			{Id: "custom.axisPlacement", Value: "right"}, {Id: "unit", Value: p.rightIs},
			{Id: "custom.fillOpacity", Value: 0}, {Id: "max", Value: nil},
		})
	}
	return b
}

// tabled is one row per set of labels, and a column per query.
func (p panel) tabled() *table.PanelBuilder {
	names, hidden := map[string]string{}, map[string]bool{"Time": true}
	for i, q := range p.query {
		names["Value #"+ref(i)] = q.name
	}
	if len(p.query) == 1 {
		names["Value"] = p.query[0].name
	}
	b := table.NewPanelBuilder().ShowHeader(true).
		WithTransformation(dashboard.DataTransformerConfig{Id: "merge", Options: map[string]any{}}).
		WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
			"renameByName": names, "excludeByName": hidden,
		}})
	if len(p.columns) > 0 {
		b.SortBy([]cog.Builder[common.TableSortByFieldState]{
			common.NewTableSortByFieldStateBuilder().DisplayName(p.columns[0].name).Desc(true),
		})
	}
	for _, c := range p.columns {
		values := []dashboard.DynamicConfigValue{{Id: "unit", Value: c.unit}}
		if c.mappings != nil {
			values = append(values, dashboard.DynamicConfigValue{Id: "mappings", Value: c.mappings})
		}
		if c.steps != nil {
			values = append(values,
				dashboard.DynamicConfigValue{Id: "thresholds", Value: dashboard.ThresholdsConfig{
					Mode: dashboard.ThresholdsModeAbsolute, Steps: c.steps}},
				dashboard.DynamicConfigValue{Id: "custom.cellOptions", Value: map[string]any{"type": "color-text"}})
		}
		b.OverrideByName(c.name, values)
	}
	return b
}

// levels are colours: levels("green", at(.15, "red")) is green below .15.
func levels(low string, above ...dashboard.Threshold) []dashboard.Threshold {
	return slices.Concat([]dashboard.Threshold{{Color: low}}, above)
}

func at(v float64, color string) dashboard.Threshold {
	return dashboard.Threshold{Value: &v, Color: color}
}

// said maps values to words.
func said(words map[string]string) []dashboard.ValueMapping {
	m := dashboard.NewValueMap()
	for value, text := range words {
		m.Options[value] = dashboard.ValueMappingResult{Text: &text}
	}
	return []dashboard.ValueMapping{{ValueMap: m}}
}

// grades are the grades of an interval.
func grades() []dashboard.ValueMapping { return said(map[string]string{"1": "A", "2": "B", "3": "C"}) }
