package access

import (
	"bytes"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// keysEvery is how often the keys file is looked at, when a key is asked for.
const keysEvery = time.Second

// keysFile holds the keys of a file, and reads it again when what is in it changes: a key that is added or taken away needs
// no restart. While what is there cannot be read as keys, those read before stay in force. A connection that is open stays
// so until its token ends, whatever becomes of the key.
type keysFile struct {
	file string
	log  *slog.Logger

	mu     sync.Mutex
	keys   []Key
	text   []byte // of the file as it was seen last, good or bad
	looked time.Time
	broken error // why it is not in force; nil: it is
}

func openKeysFile(file string, log *slog.Logger) (*keysFile, error) {
	f := &keysFile{file: file, log: log, looked: time.Now()}
	var err error
	if f.text, err = readKeysText(file); err != nil {
		return nil, err
	}
	if f.keys, err = parseKeys(f.text); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return f, nil
}

// now are the keys in force. Of a nil keysFile there are none.
func (f *keysFile) now() []Key {
	if f == nil {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if at := time.Now(); at.Sub(f.looked) >= keysEvery {
		f.looked = at
		f.look()
	}
	return f.keys
}

// look reads the file, with the lock held. What is said of a file is said once.
func (f *keysFile) look() {
	text, err := readKeysText(f.file)
	if err == nil && bytes.Equal(text, f.text) || err != nil && f.broken != nil && f.text == nil {
		return
	}
	f.text = text // nil where it cannot be read
	var keys []Key
	if err == nil {
		keys, err = parseKeys(text)
	}
	if f.broken = err; err != nil {
		f.log.Error("reading the access keys anew; the keys read before stay in force", "file", f.file, "err", err)
		return
	}
	f.log.Info("the access keys were read anew", "file", f.file, "keys", len(keys))
	f.keys = keys
}

// state tells how many keys are in force, and whether they are those of the file as it is now.
func (f *keysFile) state() (keys int, broken bool) {
	keys = len(f.now())
	if f == nil {
		return 0, false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return keys, f.broken != nil
}
