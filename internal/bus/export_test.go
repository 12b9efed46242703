package bus

import "time"

// What the tests in the other package compare with.
const (
	MaxField   = maxField
	MaxPayload = maxPayload
	MaxPending = maxPending
)

// WithKeepAlive returns the options with other times of silence and for answers.
func (o PostgresOptions) WithKeepAlive(silence, answer time.Duration) PostgresOptions {
	o.keepAlive, o.answerTimeout = silence, answer
	return o
}

// WithKeepAlive returns the options with other times of silence and for answers.
func (o NATSOptions) WithKeepAlive(silence, answer time.Duration) NATSOptions {
	o.keepAlive, o.answerTimeout = silence, answer
	return o
}

// Encode and Decode are those of the carriers.
func Encode(node string, b Batch) []string { return encode(node, b) }

// Decode reads what Encode wrote.
func Decode(payload string) (string, Batch, error) { return decode(payload) }

// Subjects returns how many subjects are subscribed to.
func (b *Bus) Subjects() (count, entries int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, keys := range b.subjects {
		for _, subscribers := range keys {
			entries += len(subscribers)
		}
	}
	return b.count, entries
}
