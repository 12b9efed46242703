package conversation

import (
	"context"
	"crypto/subtle"
	"errors"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
)

// addEmail invites the person behind an address and opens the conversation to
// guests, as far as it can be. Who is invited already gets no second mail.
// Failures: Invalid "new-participant" for what is no address, "ban", or those of
// openToGuests.
func addEmail(c *room.Change, text string) (talk.RoomType, error) {
	address := talk.FoldAddress(text)
	if !talk.ValidAddress(address) {
		return 0, talk.Fail(talk.Invalid, "new-participant")
	}
	banned, err := isBanned(c, talk.EmailGuest(address))
	if err != nil {
		return 0, err
	}
	if banned {
		return 0, talk.Fail(talk.Invalid, "ban")
	}
	newType, err := openToGuests(c)
	if err != nil {
		return 0, err
	}
	return newType, inviteEmails(c, []talk.Invitee{{Address: address}})
}

// openToGuests makes the conversation public. It returns the type that clients
// are told, 0 when the conversation has to stay as it is. Failure: Invalid
// "password" where the administrator demands one and there is none.
func openToGuests(c *room.Change) (talk.RoomType, error) {
	switch {
	case opens(c):
		return talk.Public, makePublic(c, "")
	case c.Room.Type == talk.Public:
		return talk.Public, nil
	}
	return 0, nil
}

// opens reports whether an e-mail guest makes the conversation public.
func opens(c *room.Change) bool { return c.Room.Type != talk.Public && c.Room.CanChangeType() == nil }

// inviteEmails stores e-mail guests together with their invitations. Who is in
// the conversation or banned is left as they are.
func inviteEmails(c *room.Change, all []talk.Invitee) error {
	if len(all) == 0 {
		return nil
	}
	bans, err := bansByName(c)
	if err != nil {
		return err
	}
	if err := c.RefreshNewest(); err != nil {
		return err
	}
	var rows []*talk.Attendee
	for _, who := range all {
		guest := talk.EmailGuest(who.Address)
		if bans.Of(guest) != nil {
			continue
		}
		rows = append(rows, &talk.Attendee{
			RoomID: c.Room.ID, Actor: guest, DisplayName: who.Name, Type: talk.GuestRole,
			Address: who.Address, AccessToken: secret.Token(talk.AccessTokenLength, secret.AccessAlphabet),
			NotificationCalls: 1, LastReadMessage: c.Room.LastMessageID,
		})
	}
	if err := c.AddAttendees(rows); err != nil {
		return err
	}
	return each(c, rows, func(at *talk.Attendee) error {
		if at.ID == 0 {
			return nil // was here before
		}
		return queueInvitation(c, at)
	})
}

// queueInvitation stores that an e-mail guest has to get mail, which names the
// PIN where telephones can dial in.
func queueInvitation(c *room.Change, at *talk.Attendee) error {
	if err := givePIN(c, at); err != nil {
		return err
	}
	return store.QueueMail(c.Tx, at.ID, c.Caller.DisplayName)
}

// ResendInvitations mails the invitations again: to one attendee, or with nil to
// all e-mail guests. Other attendees get no mail. Failure: NotFound when the
// attendee is not in the conversation.
func (svc *Service) ResendInvitations(ctx context.Context, s room.Scope, attendeeID *int64) error {
	err := svc.rooms.Change(ctx, s, func(c *room.Change) error {
		guests, err := emailGuests(c, attendeeID)
		for i := range guests {
			if err == nil {
				err = queueInvitation(c, &guests[i])
			}
		}
		return err
	})
	if err == nil {
		svc.mailQueued()
	}
	return err
}

func emailGuests(c *room.Change, attendeeID *int64) ([]talk.Attendee, error) {
	if attendeeID == nil {
		return store.AttendeesOfTypes(c.Tx, c.Room.ID, talk.ActorEmails)
	}
	at, err := targetOf(c, Target{AttendeeID: *attendeeID})
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
func (svc *Service) ImportEmails(ctx context.Context, s room.Scope, text []byte, testRun bool) (talk.EmailList, error) {
	parsed, parseErr := talk.ParseEmailList(text)
	var list talk.EmailList
	err := svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if talk.CanAdd(c.Room) != nil || c.Room.IsBreakout() {
			return talk.Fail(talk.Invalid, "room")
		}
		if parseErr != nil {
			return parseErr
		}
		var err error
		if list, err = uninvited(c, parsed); err != nil {
			return err
		}
		if !testRun {
			return inviteAll(c, list.Invitees)
		}
		if opens(c) {
			if err := checkPassword(c, ""); err != nil {
				return err
			}
		}
		if len(list.Invalid) > 0 {
			return &talk.InvalidRows{EmailList: list}
		}
		return nil
	})
	if err == nil && !testRun {
		svc.mailQueued()
	}
	return list, err
}

// uninvited returns the list without those who are in the conversation.
func uninvited(c *room.Change, parsed talk.EmailList) (talk.EmailList, error) {
	guests, err := store.AttendeesOfTypes(c.Tx, c.Room.ID, talk.ActorEmails)
	if err != nil {
		return talk.EmailList{}, err
	}
	present := make(map[talk.Actor]bool, len(guests))
	for _, at := range guests {
		present[at.Actor] = true
	}
	return parsed.Without(present), nil
}

func inviteAll(c *room.Change, all []talk.Invitee) error {
	if _, err := openToGuests(c); err != nil {
		return err
	}
	return inviteEmails(c, all)
}

// DialInText returns how telephones reach the server, empty when they do not.
func (svc *Service) DialInText(ctx context.Context) (string, error) {
	s, err := svc.settings.Current(ctx, db.SnapshotID{})
	if err != nil || !s.SIPConfigured() {
		return "", err
	}
	return s.SIPDialinInfo, nil
}

// OpenPersonalLink makes a client the e-mail guest that a personal link is for.
// The client goes on as renewed, so that nobody who knew its old name becomes
// that guest, too. Failure: NotFound for every link that is not exactly right.
func (svc *Service) OpenPersonalLink(ctx context.Context, c talk.Caller, renewed, token, email, access string) error {
	return svc.store.Write(ctx, func(tx *db.Tx) error {
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
	at, err := emailGuestOf(j.c.Tx, j.c.Room, j.c.Caller)
	if errors.Is(err, db.ErrNotFound) || err == nil && j.c.Me != nil && j.c.Me.ID == at.ID {
		return nil
	}
	if err == nil && j.c.Me != nil && j.c.Me.Forgettable() {
		err = j.c.RemoveAttendee(&j.c.Me.Attendee)
	}
	if err == nil {
		j.c.Me = &talk.Participant{Attendee: at}
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
func (svc *Service) CallPage(ctx context.Context, c talk.Caller, token string) (CallPage, error) {
	var p CallPage
	err := svc.rooms.Inspect(ctx, room.Scope{Caller: c, Token: token}, func(tx *db.Tx, f *room.Facts) error {
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
