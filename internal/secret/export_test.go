package secret

// Places is how many may wait or compute in a hasher of one at a time.
const Places = maxWaiting + 1

// Occupy takes one place of h as a running computation does, and returns the
// function that gives it back.
func Occupy(h *Hasher) (release func()) {
	h.free <- struct{}{}
	return func() { <-h.free }
}

// Reparse parses a PHC string and writes it again, without computing anything.
func Reparse(s string) (string, bool) {
	p, err := parsePHC(s)
	return p.String(), err == nil
}
