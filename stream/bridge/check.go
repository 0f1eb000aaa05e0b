package bridge

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/twmb/franz-go/pkg/sr"

	"github.com/netsu/netsu/stream/bridge/schema"
)

// Finding is one test of Try.
type Finding struct {
	What, Detail string
	Err          error
}

// latest is a registry's word for the newest version.
const latest = -1

// Try asks the registry and holds each topic's mapping against the newest schema of the subject TOPIC-value, which is what
// serialisers call it unless told otherwise. A topic without that subject is not held against anything, and says so. It
// stops where going on would only repeat a failure.
func Try(ctx context.Context, r Registry, inputs []Input) (all []Finding) {
	if !NeedsRegistry(inputs) {
		return nil
	}
	say := func(what, detail string, err error) bool {
		all = append(all, Finding{what, detail, err})
		return err == nil
	}
	c, err := r.client()
	if !say("registry's settings", "", err) {
		return all
	}
	for _, in := range inputs {
		if in.Plain {
			continue
		}
		detail, away, err := tryTopic(ctx, c, &in)
		if say("schema of "+in.Topic, detail, err); away {
			return all
		}
	}
	return all
}

// tryTopic tells with away that the registry could not be asked.
func tryTopic(ctx context.Context, c *sr.Client, in *Input) (detail string, away bool, err error) {
	subject := in.Topic + "-value"
	found, err := c.SchemaByVersion(ctx, subject, latest)
	if err != nil {
		if err = answered(err); errors.Is(err, errGone) {
			return "the registry has no subject " + subject + " (schemas may be named by their records): the mapping is not " +
				"held against any", false, nil
		}
		return "", true, fmt.Errorf("asking the registry: %w", err)
	}
	s, err := resolve(ctx, c, found.Schema)
	if err != nil {
		return "", false, err
	}
	compiled, err := schema.Compile(s)
	if err != nil {
		return "", false, err
	}
	message, err := in.fits(compiled)
	return fmt.Sprintf("%s version %d, id %d, %s; the mapping's paths are in it%s", subject, found.Version, found.ID,
		compiled.Kind, message), false, err
}

// fits holds the mapping against the schema. Which of its messages values are, only values say: it is held against each, and
// message names the one that it fits, if there are more. If it fits none, the error is that of the one it fits best.
func (in *Input) fits(s *schema.Schema) (message string, err error) {
	err = errors.New("there is no message in the schema")
	fewest := math.MaxInt
	for _, at := range s.Messages() {
		shape, err2 := s.Shape(at)
		if err2 != nil {
			return "", err2
		}
		errs := in.held(shape)
		if len(errs) == 0 && len(s.Messages()) > 1 {
			return ", in its message " + shape.Name, nil
		}
		if len(errs) < fewest {
			fewest, err = len(errs), errors.Join(errs...)
		}
	}
	return "", err
}

// held holds the mapping against what values can have.
func (in *Input) held(shape *schema.Shape) (errs []error) {
	for _, use := range in.Mapping.Uses() {
		var path []schema.Step
		for _, s := range use.Steps {
			path = append(path, schema.Step{Name: s.Name, Element: s.Element})
		}
		at, err := shape.At(path)
		switch {
		case err != nil:
		case use.Array && !at.IsArray():
			err = fmt.Errorf("it is no array but %s", at.Name)
		case !use.Array && !at.IsScalar():
			err = fmt.Errorf("it is not one value but %s", at.Name)
		case use.Money && at.IsBinary():
			err = fmt.Errorf("it is a %s, a binary fraction: money must be a decimal, text, or an integer", at.Name)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", use.Where, err))
		}
	}
	return errs
}
