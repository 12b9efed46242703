package main

import (
	"iter"

	"parley/internal/talk"
)

// table is what one table will hold.
type table struct {
	name    string
	rows    int
	columns []string
	values  iter.Seq[[]any]
}

// tables returns all that is stored, in an order that the schema allows.
func (p *plan) tables() []table {
	rooms := len(p.sizes)
	pairs := 0
	for i := range p.sizes {
		if isPair(i) {
			pairs++
		}
	}
	return []table{
		{"accounts", p.accounts - 1, []string{"user_id", "lookup", "display_name", "password_hash", "created_at"}, p.accountRows},
		{"rooms", rooms, []string{"id", "token", "type", "name", "identity", "last_activity", "last_message_id", "created_at"}, p.roomRows},
		{"pair_members", 2 * pairs, []string{"user_id", "room_id"}, p.pairRows},
		{"attendees", p.total, []string{"room_id", "actor_type", "actor_id", "display_name", "type", "favorite", "last_read_message"}, p.attendeeRows},
		{"messages", rooms, []string{"id", "room_id", "actor_type", "actor_id", "system", "created_at"}, p.messageRows},
	}
}

// accountRows are those of all but owner. Nobody's password has the hash "".
func (p *plan) accountRows(yield func([]any) bool) {
	for n := 1; n < p.accounts; n++ {
		if !yield([]any{user(n), user(n), "User " + user(n)[len("user"):], "", int64(firstDay)}) {
			return
		}
	}
}

func (p *plan) roomRows(yield func([]any) bool) {
	for i := range p.sizes {
		r := p.room(i)
		var identity any
		if r.Identity != "" {
			identity = r.Identity
		}
		began := int64(firstDay + i)
		if !yield([]any{r.ID, r.Token, int64(r.Type), r.Name, identity, began, r.ID, began}) {
			return
		}
	}
}

func (p *plan) pairRows(yield func([]any) bool) {
	for i := range p.sizes {
		if !isPair(i) {
			continue
		}
		for _, id := range p.pair(i) {
			if !yield([]any{id, int64(i + 1)}) {
				return
			}
		}
	}
}

// attendeeRows are the members of all rooms. The first one owns the room, both
// own a one-to-one, and each twentieth other one moderates.
func (p *plan) attendeeRows(yield func([]any) bool) {
	for i := range p.sizes {
		k := 0
		for n := range p.members(i) {
			role := talk.Member
			switch {
			case k == 0 || isPair(i):
				role = talk.Owner
			case k%20 == 0:
				role = talk.Moderator
			}
			id, room := user(n), int64(i+1)
			if !yield([]any{room, string(talk.ActorUsers), id, id, int64(role), (n+i)%25 == 0, room}) {
				return
			}
			k++
		}
	}
}

// messageRows are one per room, which tells that it was created.
func (p *plan) messageRows(yield func([]any) bool) {
	for i := range p.sizes {
		for n := range p.members(i) {
			if !yield([]any{int64(i + 1), int64(i + 1), string(talk.ActorUsers), user(n), string(talk.ConversationCreated), int64(firstDay + i)}) {
				return
			}
			break
		}
	}
}
