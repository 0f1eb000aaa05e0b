package stream_test

import "testing"

// busy are shows of many events a second.
var busy = []string{"hana-evening", "mika-desk", "ploy-silk", "sari-batik"}

// TestKafkaScalesOutAndIn runs one process, then three, then two, then one while records arrive: a process that comes, one
// that is told to stop, one that is killed. What is final is what a quiet run says.
func TestKafkaScalesOutAndIn(t *testing.T) {
	f := newFleet(t)
	a := f.start("a", child{})
	f.move("one process")
	f.await("a")
	f.load()
	f.see(a, busy...)
	f.await()
	rounds := 1
	if atFull() {
		rounds = 3
	}
	for range rounds {
		f.move("1 to 3")
		f.start("b", child{})
		f.start("c", child{})
		f.await("a", "b", "c")
		f.move("3 to 2, told to stop")
		f.stop("b")
		f.await("a", "c")
		if atFull() {
			f.move("2 to 1, told to stop")
			f.stop("c")
			f.await("a")
			f.move("1 to 2, on a disk that it had")
			f.start("c", child{})
			f.await("a", "c")
		}
		f.undisturbedTasks()
		f.move("2 to 1, killed")
		f.kill("c")
		f.await("a")
	}
	f.land()
	f.account()
}
