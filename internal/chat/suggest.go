package chat

import (
	"context"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/store/calls"
	"parley/internal/talk"
)

// Limits of suggestions.
const (
	// maxSuggested is how many of each kind are suggested.
	maxSuggested = 200
	// recentMessages is how many messages are looked at for who wrote last.
	recentMessages = 200
)

// Suggestions are who and what can be mentioned.
type Suggestions struct {
	// Users are accounts, Others everybody and everything else in their order.
	Users, Others []talk.Attendee
	// Statuses are those of accounts, if they were asked for.
	Statuses map[string]talk.Status
	// All tells that everybody can be mentioned at once, in a conversation with this name
	// and so many accounts.
	All      bool
	RoomName string
	People   int
}

// SuggestMentions returns who can be mentioned by somebody who typed a text.
func (svc *Service) SuggestMentions(ctx context.Context, s room.Scope, typed string, statuses bool) (out *Suggestions, err error) {
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		reader, err := readerOf(tx, f.Room, s.Caller)
		if err != nil {
			return err
		}
		out = &Suggestions{RoomName: reader.RoomName}
		if err := out.findUsers(tx, f, typed); err != nil {
			return err
		}
		for _, of := range []talk.ActorType{talk.ActorGroups, talk.ActorGuests, talk.ActorEmails, talk.ActorFederatedUsers, talk.ActorTeams} {
			found, err := store.Mentionable(tx, f.Room.ID, of, typed, maxSuggested)
			if err != nil {
				return err
			}
			out.Others = append(out.Others, found...)
		}
		if out.All = !f.Room.IsOneToOne() && f.Room.MayMentionAll(&f.Me.Attendee) && talk.MatchesAll(typed, reader.RoomName); out.All {
			if out.People, err = store.CountUsers(tx, f.Room.ID); err != nil {
				return err
			}
		}
		if statuses {
			ids := make([]string, len(out.Users))
			for i := range out.Users {
				ids[i] = out.Users[i].Actor.ID
			}
			out.Statuses, err = calls.Statuses(tx, ids)
		}
		return err
	})
	return out, err
}

// findUsers finds the accounts.
func (out *Suggestions) findUsers(tx *db.Tx, f *room.Facts, typed string) error {
	users, err := store.Mentionable(tx, f.Room.ID, talk.ActorUsers, typed, maxSuggested)
	if err != nil {
		return err
	}
	wrote, err := store.RecentWriters(tx, f.Room.ID, recentMessages)
	if err != nil {
		return err
	}
	talk.OrderSuggested(users, typed, f.Me.Actor, wrote)
	out.Users = users
	return nil
}
