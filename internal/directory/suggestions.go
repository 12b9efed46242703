package directory

import (
	"context"
	"errors"
	"slices"
	"strings"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// MaxSuggestions is the largest number of suggestions of one kind.
const MaxSuggestions = 200

// Suggestion is somebody who could be added to a conversation.
type Suggestion struct {
	// Source and ID are what adding a participant expects.
	Source talk.ActorType
	ID     string
	Label  string
	// Email is the address of an account, empty for none and for one that its
	// owner keeps to themselves.
	Email string
	Exact bool
}

// SuggestionOptions say what suggestions are wanted.
type SuggestionOptions struct {
	Search string
	// Token names the conversation whose members are left out if the caller is
	// one of them; empty for none.
	Token   string
	Sources []talk.ActorType
	// Limit is the number of suggestions of one kind, bounded by
	// MaxSuggestions.
	Limit int
}

// Suggest returns who matches the search among accounts, groups, the caller's
// teams and e-mail addresses, exact matches first. An address is suggested when
// it is the whole search and no account is known to have it: administrators see
// the address of every account, others those that are not private.
func (svc *Service) Suggest(ctx context.Context, caller talk.Caller, o SuggestionOptions) ([]Suggestion, error) {
	var all []Suggestion
	err := svc.store.Read(ctx, func(tx *db.Tx) error {
		settings, err := svc.settings.Admit(tx, caller)
		if err != nil {
			return err
		}
		room, err := roomOfMember(tx, caller, o.Token)
		if err != nil {
			return err
		}
		search := store.SuggestionSearch{
			Text: strings.TrimSpace(o.Search), For: caller.UserID, RoomID: room, Among: settings.AllowedGroups,
			Limit: min(max(o.Limit, 1), MaxSuggestions),
		}
		if search.AllAddresses, err = store.IsGroupMember(tx, store.AdminGroup, caller.UserID); err != nil {
			return err
		}
		all, err = suggestions(tx, search, o.Sources)
		return err
	})
	slices.SortStableFunc(all, func(x, y Suggestion) int {
		switch {
		case x.Exact == y.Exact:
			return 0
		case x.Exact:
			return -1
		}
		return 1
	})
	return all, err
}

// roomOfMember returns the id of the conversation if the caller takes part in
// it, else 0.
func roomOfMember(tx *db.Tx, caller talk.Caller, token string) (int64, error) {
	room, err := store.Room(tx, token)
	if err == nil {
		_, err = store.AttendeeOf(tx, room.ID, caller.Actor())
	}
	if errors.Is(err, db.ErrNotFound) {
		return 0, nil
	}
	return room.ID, err
}

func suggestions(tx *db.Tx, search store.SuggestionSearch, sources []talk.ActorType) ([]Suggestion, error) {
	var all []Suggestion
	for _, kind := range []struct {
		source talk.ActorType
		find   func(*db.Tx, store.SuggestionSearch) ([]store.Suggestion, error)
	}{
		{talk.ActorUsers, store.SuggestAccounts},
		{talk.ActorGroups, store.SuggestGroups},
		{talk.ActorTeams, store.SuggestTeams},
	} {
		if !slices.Contains(sources, kind.source) {
			continue
		}
		found, err := kind.find(tx, search)
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			all = append(all, Suggestion{kind.source, s.ID, s.Name, s.Email, s.Exact})
		}
	}
	if slices.Contains(sources, talk.ActorEmails) && talk.ValidAddress(talk.FoldAddress(search.Text)) &&
		!slices.ContainsFunc(all, isExactAccount) {
		all = append(all, Suggestion{Source: talk.ActorEmails, ID: search.Text, Label: search.Text, Exact: true})
	}
	return all, nil
}

func isExactAccount(s Suggestion) bool { return s.Source == talk.ActorUsers && s.Exact }
