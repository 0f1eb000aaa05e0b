package disk

import "github.com/dgraph-io/badger/v4"

// Unseal makes a task's sum wrong, as a lost write would.
func Unseal(t *Task) error {
	return t.db.use(t.number, func(b *badger.DB) error {
		return b.Update(func(txn *badger.Txn) error { return txn.Set(t.sum.at, make([]byte, 8)) })
	})
}

// Forget has the next Verify read, as that of a process that has just opened the database.
func Forget(t *Task) { t.sum.known = false }
