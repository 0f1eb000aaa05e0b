package tape

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

const suffix = ".ndjson.zst"

// maxName bounds a topic's name on disk, in bytes: file systems take 255.
const maxName = 240

// ErrName is a topic that cannot be a folder's name.
var ErrName = errors.New("the topic is too long to be kept on tape")

// folder is where a topic's files are.
func folder(dir, topic string) (string, error) {
	name := strings.ReplaceAll(url.QueryEscape(topic), ".", "%2E") // no folder is . or ..
	if len(name) > maxName || name == "" {
		return "", fmt.Errorf("%w: %.60q", ErrName, topic)
	}
	return filepath.Join(dir, name), nil
}

// file is one file of a topic.
type file struct {
	path    string
	startMS int64
	bytes   int64
}

// filesIn are a folder's files, oldest first; none where there is no folder.
func filesIn(folder string) ([]file, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("listing tapes: %w", err)
	}
	var all []file
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		start, err := strconv.ParseInt(name, 10, 64)
		if !ok || err != nil {
			continue // not ours
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // swept meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("listing tapes: %w", err)
		}
		all = append(all, file{filepath.Join(folder, e.Name()), start, info.Size()})
	}
	slices.SortFunc(all, func(a, b file) int { return int(min(1, max(-1, a.startMS-b.startMS))) })
	return all, nil
}
