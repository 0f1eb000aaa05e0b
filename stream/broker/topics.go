package broker

// Topics are the names of the topics. All must be set and differ from each other.
type Topics struct {
	Comments, Reactions, Orders, Catalog             string // what users' producers write
	Journal, Journeys, Credits                       string // the internal logs
	Meters, Alerts, DeadLetters                      string // what people read
	ShowChangelog, JourneyChangelog, LedgerChangelog string // what folds remember
}

// DefaultPrefix is what topic names start with unless a setting says otherwise.
const DefaultPrefix = "netsu."

// DefaultTopics are the names with DefaultPrefix.
func DefaultTopics() Topics { return TopicsWithPrefix(DefaultPrefix) }

// TopicsWithPrefix are the names with another prefix, as "shop-a.netsu.".
func TopicsWithPrefix(p string) Topics {
	return Topics{
		Comments:         p + "comments",
		Reactions:        p + "reactions",
		Orders:           p + "orders",
		Catalog:          p + "catalog",
		Journal:          p + "journal",
		Journeys:         p + "journeys",
		Credits:          p + "credits",
		Meters:           p + "meters",
		Alerts:           p + "alerts",
		DeadLetters:      p + "deadletters",
		ShowChangelog:    p + "show.changelog",
		JourneyChangelog: p + "journey.changelog",
		LedgerChangelog:  p + "ledger.changelog",
	}
}

// Raw are the topics that ingest reads.
func (t Topics) Raw() []string { return []string{t.Comments, t.Reactions, t.Orders, t.Catalog} }

// Logs are the internal logs, which folds read.
func (t Topics) Logs() []string { return []string{t.Journal, t.Journeys, t.Credits} }

// All are all names, in the order data meets them.
func (t Topics) All() []string {
	return append(append(t.Raw(), t.Logs()...),
		t.Meters, t.Alerts, t.DeadLetters, t.ShowChangelog, t.JourneyChangelog, t.LedgerChangelog)
}
