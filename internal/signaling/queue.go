package signaling

// kind is what a frame in a queue is, for those that make others needless.
type kind int

const (
	other kind = iota
	// refresh tells of something new in the chat of a conversation.
	refresh
	// update is who takes part in a conversation.
	update
)

// frame is a message on its way to a client. Many clients share its bytes.
type frame struct {
	kind  kind
	token string
	data  []byte
	// full is what stands for it and for one before that was not sent yet; nil for itself.
	full func() []byte
	// last closes the connection behind it.
	last bool
}

// Limits of a queue.
const (
	maxFrames = 512
	maxBytes  = 4 << 20
)

// queue is what waits for a client. The zero value is empty.
type queue struct {
	frames []frame
	bytes  int
}

// put adds a frame, in the place of those that it makes needless. It reports whether there is
// room for it: one frame always has.
func (q *queue) put(f frame) bool {
	if f.kind != other {
		for i := range q.frames {
			waiting := &q.frames[i]
			if waiting.kind != f.kind || waiting.token != f.token {
				continue
			}
			if f.kind == refresh {
				return true
			}
			if f.full != nil {
				f.data = f.full()
			}
			q.bytes -= len(waiting.data)
			q.frames = append(q.frames[:i], q.frames[i+1:]...)
			break
		}
	}
	if len(q.frames) > 0 && (len(q.frames) >= maxFrames || q.bytes+len(f.data) > maxBytes) {
		return false
	}
	q.frames = append(q.frames, f)
	q.bytes += len(f.data)
	return true
}

// take returns the oldest frame.
func (q *queue) take() (f frame, ok bool) {
	if len(q.frames) == 0 {
		return f, false
	}
	f = q.frames[0]
	q.frames[0] = frame{}
	q.frames = q.frames[1:]
	if len(q.frames) == 0 {
		q.frames = nil
	}
	q.bytes -= len(f.data)
	return f, true
}

// has reports whether a frame of a kind waits.
func (q *queue) has(k kind) bool {
	for i := range q.frames {
		if q.frames[i].kind == k {
			return true
		}
	}
	return false
}
