package stream

import "github.com/netsu/netsu/stream/fold"

// ReplaceStages lets a test put another stage in the place of each: one whose state is of another version.
func (s *Settings) ReplaceStages(fn func(fold.Stage) fold.Stage) { s.stage = fn }
