package directory

import (
	"context"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

// PersonalData is what the server knows of a person, without the messages that they wrote
// (see [Service.MessagesBy]) and without secrets.
type PersonalData struct {
	Account      AccountView
	Teams        []talk.Team
	Phones       []store.PhoneNumber
	Preferences  map[string]string
	Status       *talk.Status
	AppPasswords []store.AppPassword
	Memberships  []store.AttendeeInRoom
	Sessions     []store.UserSession
	Reactions    []store.GivenReaction
	Polls        []store.MadePoll
	Votes        []store.CastVote
	// Reminders and Notifications are what the account is still to be told, and what it has
	// not seen yet.
	Reminders, Notifications []store.SetForLater
	Push                     []store.PushSubscription
}

// PersonalDataOf collects what there is of an account. Failure: NotFound user.
func (svc *Service) PersonalDataOf(ctx context.Context, userID string) (p PersonalData, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		p = PersonalData{}
		if p.Account.Account, err = accountOf(tx, userID); err != nil {
			return err
		}
		userID := p.Account.UserID
		for _, part := range []func() error{
			func() error { return p.Account.complete(tx) },
			func() (err error) { p.Teams, err = store.TeamsOf(tx, userID, store.Page{}); return err },
			func() (err error) { p.Phones, err = store.PhoneNumbersOf(tx, userID); return err },
			func() (err error) { p.Preferences, err = store.Preferences(tx, userID); return err },
			func() (err error) { p.AppPasswords, err = store.AppPasswords(tx, userID); return err },
			func() (err error) { p.Memberships, err = store.AttendeesInRooms(tx, talk.User(userID)); return err },
			func() (err error) { p.Sessions, err = store.SessionsOfUser(tx, userID); return err },
			func() (err error) { p.Reactions, err = store.ReactionsBy(tx, talk.User(userID)); return err },
			func() (err error) { p.Polls, err = store.PollsBy(tx, talk.User(userID)); return err },
			func() (err error) { p.Votes, err = store.VotesBy(tx, talk.User(userID)); return err },
			func() (err error) { p.Reminders, err = store.AllReminders(tx, userID); return err },
			func() (err error) { p.Push, err = store.PushSubscriptionsOf(tx, userID); return err },
			func() (err error) { p.Notifications, err = store.AllNotifications(tx, userID); return err },
		} {
			if err := part(); err != nil {
				return err
			}
		}
		status, err := store.Status(tx, userID)
		if err == nil {
			p.Status = &status
		}
		if db.IsNone(err) {
			err = nil
		}
		return err
	})
	return p, err
}

// messagesAtOnce bounds what MessagesBy holds in memory.
const messagesAtOnce = 500

// MessagesBy calls f for each message that the account wrote, oldest first.
func (svc *Service) MessagesBy(ctx context.Context, userID string, f func(*store.WrittenMessage) error) error {
	last := int64(0)
	for {
		var page []store.WrittenMessage
		err := svc.store.Read(ctx, func(tx *db.Tx) (err error) {
			page, err = store.MessagesBy(tx, talk.User(userID), last, messagesAtOnce)
			return err
		})
		if err != nil {
			return err
		}
		for i := range page {
			if err := f(&page[i]); err != nil {
				return err
			}
			last = page[i].ID
		}
		if len(page) < messagesAtOnce {
			return nil
		}
	}
}
