package changelog

// SmallBatches makes whoever applies a changelog write every n entries, until the returned function is called.
func SmallBatches(n int) (restore func()) {
	was := batchEntries
	batchEntries = n
	return func() { batchEntries = was }
}
