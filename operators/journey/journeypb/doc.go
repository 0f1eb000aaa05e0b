// Package journeypb is the state of the journey folds, generated from journey.proto by stream/event/eventpb/generate.sh.
package journeypb
