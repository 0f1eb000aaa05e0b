// Package tape keeps what the feed said of a topic, to be said again: one file of lines an hour, on local disk.
//
//	frames ──▶ Writer ──▶ DIR/TOPIC/START.ndjson.zst ──▶ Reader ──▶ the same frames, from any time on
//
// A line is {"at":TIME,"frame":{…}}: a frame of the protocol, and when it was written. A file begins with an ack and a snap, so
// each can be read by itself (zstdcat is enough), and a reader that starts in its middle follows it up to there and begins
// with a snap of that moment. Where the process was not there, the next file's snap is what comes next: its time says how
// much is missing.
//
// Lines are pressed in blocks of flushEvery or flushBytes, each a whole zstd frame: a process that is killed loses the block
// that it had open, and a torn one at the end of a file is the end of that file.
//
// Sweep holds files to an age and all together to a number of bytes, the oldest going first. It does not know what frames mean
// beyond that, and does not copy its disk.
package tape
