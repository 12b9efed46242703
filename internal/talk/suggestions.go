package talk

import (
	"cmp"
	"slices"
	"strings"
)

// MatchesAll reports whether "@all" is suggested to somebody who types a text: nothing
// yet, part of the conversation's name, or the beginning of "all" or "here".
func MatchesAll(typed, roomName string) bool {
	typed = strings.ToLower(typed)
	begun := func(word string) bool { return strings.HasPrefix(word, typed) }
	return typed == "" || strings.Contains(strings.ToLower(roomName), typed) || begun("all") || begun("here")
}

// OrderSuggested sorts accounts for somebody who types a text: those whose names begin with
// it, then those who wrote last, oneself at the end. wrote has the newest message of each.
func OrderSuggested(users []Attendee, typed string, self Actor, wrote map[Actor]int64) {
	typed = strings.ToLower(typed)
	rank := func(a *Attendee) int {
		switch {
		case a.Actor == self:
			return 2
		case strings.HasPrefix(strings.ToLower(a.DisplayName), typed):
			return 0
		}
		return 1
	}
	slices.SortStableFunc(users, func(a, b Attendee) int {
		return cmp.Or(cmp.Compare(rank(&a), rank(&b)), cmp.Compare(wrote[b.Actor], wrote[a.Actor]))
	})
}
