// Package ledgerpb is the state of the ledger folds, generated from ledger.proto by stream/event/eventpb/generate.sh.
package ledgerpb
