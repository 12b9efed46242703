package outbox

import "time"

const (
	// maxRunning is how many deliveries of a kind one node makes at a time.
	maxRunning = 256
	// maxTroubled is how many destinations are remembered for their trouble. Those
	// beyond are only spared by the pauses of each delivery.
	maxTroubled = 1000
)

// outcome is how a delivery ended.
type outcome struct {
	destination string
	// troubled destinations get nothing until some time, Unix seconds.
	troubled  bool
	restUntil int64
	// healthy destinations have taken something.
	healthy bool
}

// destinations are those of one kind that need attention.
type destinations struct {
	parallel int
	rest     int64 // seconds
	total    int
	running  map[string]int
	// troubled has those that failed the last time, and until when they rest.
	troubled map[string]int64
}

func newDestinations(k Kind) destinations {
	return destinations{
		parallel: k.Parallel, rest: int64(k.Rest / time.Second), running: map[string]int{}, troubled: map[string]int64{},
	}
}

// full reports whether the node has enough to do.
func (d *destinations) full() bool { return d.total >= maxRunning }

// busy returns the destinations that get nothing now. One that was in trouble gets one
// delivery at a time until it has taken it.
func (d *destinations) busy(now int64) (names []string) {
	for name, n := range d.running {
		if _, troubled := d.troubled[name]; n >= d.parallel || troubled {
			names = append(names, name)
		}
	}
	for name, until := range d.troubled {
		// The clock may have been set back.
		if until = min(until, now+d.rest); now < until && d.running[name] == 0 {
			names = append(names, name)
		}
	}
	return names
}

// begin notes a delivery that is made from now on.
func (d *destinations) begin(destination string) {
	d.total++
	d.running[destination]++
}

// note notes how a delivery ended.
func (d *destinations) note(o outcome) {
	d.total--
	if d.running[o.destination]--; d.running[o.destination] == 0 {
		delete(d.running, o.destination)
	}
	switch {
	case o.healthy:
		delete(d.troubled, o.destination)
	case o.troubled:
		if _, known := d.troubled[o.destination]; !known && len(d.troubled) >= maxTroubled {
			d.forgetOne()
		}
		d.troubled[o.destination] = o.restUntil
	}
}

// forgetOne forgets any destination in trouble.
func (d *destinations) forgetOne() {
	for name := range d.troubled {
		delete(d.troubled, name)
		return
	}
}
