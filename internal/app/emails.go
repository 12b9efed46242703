package app

import (
	"context"
	"crypto/subtle"
	"errors"

	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
)

// addEmail invites the person behind an address and opens the conversation to
// guests, as far as it can be. Who is invited already gets no second mail.
// Failures: Invalid "new-participant" for what is no address, "ban", or those of
// openToGuests.
func (c *change) addEmail(text string) (talk.RoomType, error) {
	address := talk.FoldAddress(text)
	if !talk.ValidAddress(address) {
		return 0, talk.Fail(talk.Invalid, "new-participant")
	}
	banned, err := c.isBanned(talk.EmailGuest(address))
	if err != nil {
		return 0, err
	}
	if banned {
		return 0, talk.Fail(talk.Invalid, "ban")
	}
	newType, err := c.openToGuests()
	if err != nil {
		return 0, err
	}
	return newType, c.inviteEmails([]talk.Invitee{{Address: address}})
}

// openToGuests makes the conversation public. It returns the type that clients
// are told, 0 when the conversation has to stay as it is. Failure: Invalid
// "password" where the administrator demands one and there is none.
func (c *change) openToGuests() (talk.RoomType, error) {
	switch {
	case c.opens():
		return talk.Public, c.makePublic("")
	case c.room.Type == talk.Public:
		return talk.Public, nil
	}
	return 0, nil
}

// opens reports whether an e-mail guest makes the conversation public.
func (c *change) opens() bool { return c.room.Type != talk.Public && c.room.CanChangeType() == nil }

// inviteEmails stores e-mail guests together with their invitations. Who is in
// the conversation or banned is left as they are.
func (c *change) inviteEmails(all []talk.Invitee) error {
	if len(all) == 0 {
		return nil
	}
	bans, err := c.bansByName()
	if err != nil {
		return err
	}
	if err := c.newest(); err != nil {
		return err
	}
	var rows []*talk.Attendee
	for _, who := range all {
		guest := talk.EmailGuest(who.Address)
		if bans.Of(guest) != nil {
			continue
		}
		rows = append(rows, &talk.Attendee{
			RoomID: c.room.ID, Actor: guest, DisplayName: who.Name, Type: talk.GuestRole,
			Address: who.Address, AccessToken: secret.Token(talk.AccessTokenLength, secret.AccessAlphabet),
			NotificationCalls: 1, LastReadMessage: c.room.LastMessageID,
		})
	}
	if err := store.InsertAttendees(c.Tx, rows); err != nil {
		return err
	}
	return each(c, rows, func(at *talk.Attendee) error {
		if at.ID == 0 {
			return nil // was here before
		}
		return c.queueInvitation(at)
	})
}

// queueInvitation stores that an e-mail guest has to get mail, which names the
// PIN where telephones can dial in.
func (c *change) queueInvitation(at *talk.Attendee) error {
	if err := c.givePIN(at); err != nil {
		return err
	}
	return store.QueueMail(c.Tx, at.ID, c.caller.DisplayName)
}

// ResendInvitations mails the invitations again: to one attendee, or with nil to
// all e-mail guests. Other attendees get no mail. Failure: NotFound when the
// attendee is not in the conversation.
func (a *App) ResendInvitations(ctx context.Context, s Scope, attendeeID *int64) error {
	err := a.change(ctx, s, func(c *change) error {
		guests, err := c.emailGuests(attendeeID)
		for i := range guests {
			if err == nil {
				err = c.queueInvitation(&guests[i])
			}
		}
		return err
	})
	if err == nil {
		a.mailQueued()
	}
	return err
}

func (c *change) emailGuests(attendeeID *int64) ([]talk.Attendee, error) {
	if attendeeID == nil {
		return store.AttendeesOfTypes(c.Tx, c.room.ID, talk.ActorEmails)
	}
	at, err := c.target(Target{AttendeeID: *attendeeID})
	if err != nil || at.Actor.Type != talk.ActorEmails {
		return nil, err
	}
	return []talk.Attendee{*at}, nil
}

// ImportEmails invites the people of a list, see talk.ParseEmailList. A test run
// changes nothing and fails with *talk.InvalidRows when rows are bad, which a
// real run leaves out. The result counts those who are invited already as
// duplicates. Failures: Invalid "room", "file", "header-email",
// or "password" where the administrator demands one and there is none.
func (a *App) ImportEmails(ctx context.Context, s Scope, text []byte, testRun bool) (talk.EmailList, error) {
	parsed, parseErr := talk.ParseEmailList(text)
	var list talk.EmailList
	err := a.change(ctx, s, func(c *change) error {
		if talk.CanAdd(c.room) != nil || c.room.IsBreakout() {
			return talk.Fail(talk.Invalid, "room")
		}
		if parseErr != nil {
			return parseErr
		}
		var err error
		if list, err = c.uninvited(parsed); err != nil {
			return err
		}
		if !testRun {
			return c.inviteAll(list.Invitees)
		}
		if c.opens() {
			if err := c.checkPassword(""); err != nil {
				return err
			}
		}
		if len(list.Invalid) > 0 {
			return &talk.InvalidRows{EmailList: list}
		}
		return nil
	})
	if err == nil && !testRun {
		a.mailQueued()
	}
	return list, err
}

// uninvited returns the list without those who are in the conversation.
func (c *change) uninvited(parsed talk.EmailList) (talk.EmailList, error) {
	guests, err := store.AttendeesOfTypes(c.Tx, c.room.ID, talk.ActorEmails)
	if err != nil {
		return talk.EmailList{}, err
	}
	present := make(map[talk.Actor]bool, len(guests))
	for _, at := range guests {
		present[at.Actor] = true
	}
	return parsed.Without(present), nil
}

func (c *change) inviteAll(all []talk.Invitee) error {
	if _, err := c.openToGuests(); err != nil {
		return err
	}
	return c.inviteEmails(all)
}

// DialInText returns how telephones reach the server, empty when they do not.
func (a *App) DialInText(ctx context.Context) (string, error) {
	s, err := a.Settings(ctx)
	if err != nil || !s.SIPConfigured() {
		return "", err
	}
	return s.SIPDialinInfo, nil
}

// OpenPersonalLink makes a client the e-mail guest that a personal link is for.
// The client goes on as renewed, so that nobody who knew its old name becomes
// that guest, too. Failure: NotFound for every link that is not exactly right.
func (a *App) OpenPersonalLink(ctx context.Context, c talk.Caller, renewed, token, email, access string) error {
	return a.store.Write(ctx, func(tx *db.Tx) error {
		at, err := guestOfLink(tx, token, email, access)
		if err != nil {
			return err
		}
		if err := store.MoveClient(tx, c.Client, renewed); err != nil {
			return err
		}
		known, err := store.ClientRoomOf(tx, renewed, token)
		if err != nil {
			return err
		}
		known.EmailActor, known.EmailAttendee = at.Actor.ID, at.ID
		return store.SetClientRoom(tx, renewed, token, known)
	})
}

// guestOfLink returns the e-mail guest whose secret a link holds.
func guestOfLink(tx *db.Tx, token, email, access string) (talk.Attendee, error) {
	room, err := store.Room(tx, token)
	var at talk.Attendee
	if err == nil {
		at, err = store.AttendeeOf(tx, room.ID, talk.EmailGuest(talk.FoldAddress(email)))
	}
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return at, err
	}
	// Compared also without a guest, so that the time tells nothing.
	right := subtle.ConstantTimeCompare([]byte(at.AccessToken), []byte(access)) == 1
	if !right || at.AccessToken == "" {
		return at, talk.Fail(talk.NotFound, "")
	}
	return at, nil
}

// emailGuestOf returns the e-mail guest that a client without an account is by a
// personal link in a conversation, or store.ErrNotFound.
func emailGuestOf(tx *db.Tx, room *talk.Room, c talk.Caller) (talk.Attendee, error) {
	if c.LoggedIn() {
		return talk.Attendee{}, db.ErrNotFound
	}
	known, err := store.ClientRoomOf(tx, c.Client, room.Token)
	if err != nil {
		return talk.Attendee{}, err
	}
	return store.Attendee(tx, room.ID, known.EmailAttendee)
}

// emailGuest makes the joining client the e-mail guest that it is by its link,
// whatever it was in the conversation before. A guest without a name leaves
// nothing behind.
func (j *joining) emailGuest() error {
	at, err := emailGuestOf(j.Tx, j.room, j.caller)
	if errors.Is(err, db.ErrNotFound) || err == nil && j.me != nil && j.me.ID == at.ID {
		return nil
	}
	if err == nil && j.me != nil && j.me.Forgettable() {
		err = store.DeleteAttendee(j.change.Tx, j.room, j.me.ID)
	}
	if err == nil {
		j.me = &talk.Participant{Attendee: at}
	}
	return err
}

// CallPage is what the web page of a conversation tells a visitor.
type CallPage struct {
	// Name is empty for those who may not know it.
	Name string
	// HasPassword tells that a visitor who is not invited needs one.
	HasPassword bool
	// Address is where the visitor got an invitation by mail, empty for others.
	Address string
	// Member tells that the visitor takes part.
	Member bool
}

// CallPage describes a conversation to a visitor of its page. Failure: NotFound
// for those who may not know that it exists.
func (a *App) CallPage(ctx context.Context, c talk.Caller, token string) (CallPage, error) {
	var p CallPage
	err := a.inspect(ctx, Scope{Caller: c, Token: token}, func(tx *db.Tx, f *facts) error {
		if f.Room == nil {
			return talk.Fail(talk.NotFound, "")
		}
		at, err := emailGuestOf(tx, f.Room, c)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		invited := err == nil
		p = CallPage{HasPassword: f.Room.HasPassword(), Address: at.Address, Member: f.Me != nil}
		if p.Member || invited || f.Room.ListedFor(c) {
			p.Name = f.Room.Name
		}
		if !f.Room.VisibleTo(c, p.Member || invited) {
			return talk.Fail(talk.NotFound, "")
		}
		return nil
	})
	return p, err
}
