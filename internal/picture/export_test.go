package picture

// Occupy takes all places of those who read.
func (r *Reader) Occupy() (release func()) {
	for range maxReaders {
		r.free <- struct{}{}
	}
	return func() {
		for range maxReaders {
			<-r.free
		}
	}
}

// Orientation is orientation for tests.
func Orientation(content []byte) int { return orientation(content) }
