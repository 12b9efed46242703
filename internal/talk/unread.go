package talk

// Unread messages are found without counting. Each comment and object has a number, that
// of all there ever were up to it. What is taken away leaves a gap among the numbers, and
// the gaps are kept as a Fenwick tree: the node n holds how many there are among the
// numbers in (n − lowest bit of n, n].

// maxNumber bounds the numbers of messages in a conversation.
const maxNumber = int64(1) << 40

// GapNodes returns the nodes that hold a gap at a number.
func GapNodes(number int64) (nodes []int64) {
	for n := number; n > 0 && n <= maxNumber; n += n & -n {
		nodes = append(nodes, n)
	}
	return nodes
}

// PrefixNodes returns the nodes whose sum is how many gaps there are up to a number.
func PrefixNodes(number int64) (nodes []int64) {
	for n := number; n > 0; n -= n & -n {
		nodes = append(nodes, n)
	}
	return nodes
}

// Unread returns how many comments and objects there are after a read marker. newest is
// the number of the newest one, read that of the newest one that was read, and gaps has
// the nodes of both.
func Unread(newest, read int64, gaps map[int64]int64) int64 {
	sum := func(number int64) (n int64) {
		for _, node := range PrefixNodes(number) {
			n += gaps[node]
		}
		return n
	}
	return max(newest-read-(sum(newest)-sum(read)), 0)
}

// UnreadMention reports whether somebody who is notified at a level has not read a message
// that mentions them, and whether one does so by their name.
func UnreadMention(r *Room, me *Attendee, level int) (mentioned, direct bool) {
	read := max(me.LastReadMessage, 0)
	all := r.AllMentionedID > read && level != NotifyNever
	direct = me.LastMentionDirect > read
	return all || direct || me.LastMentionMessage > read, direct
}
