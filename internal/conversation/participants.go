package conversation

import (
	"context"
	"errors"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/talk"
)

// Target says which attendee a request is about. The first field that is set
// counts; API v4 only knows the first one.
type Target struct {
	AttendeeID int64
	UserID     *string
	SessionID  *string
}

// target loads the attendee that a request is about. Failure: NotFound.
func targetOf(c *room.Change, t Target) (*talk.Attendee, error) {
	at, err := findTarget(c, t)
	if errors.Is(err, db.ErrNotFound) {
		return nil, talk.Fail(talk.NotFound, "")
	}
	return &at, err
}

func findTarget(c *room.Change, t Target) (talk.Attendee, error) {
	switch {
	case t.AttendeeID != 0:
		return store.Attendee(c.Tx, c.Room.ID, t.AttendeeID)
	case t.UserID != nil:
		return store.AttendeeOf(c.Tx, c.Room.ID, talk.User(*t.UserID))
	case t.SessionID != nil:
		s, err := store.SessionByID(c.Tx, c.Room.ID, *t.SessionID)
		if err != nil {
			return talk.Attendee{}, err
		}
		return store.Attendee(c.Tx, c.Room.ID, s.AttendeeID)
	}
	return talk.Attendee{}, db.ErrNotFound
}

// notThere names the attendee as what was not found, and leaves other failures
// as they are.
func notThere(err error) error {
	if talk.IsKind(err, talk.NotFound) {
		return talk.Fail(talk.NotFound, "participant")
	}
	return err
}

// Entry is a participant as lists show it.
type Entry struct {
	talk.Attendee
	talk.Presence
	Final talk.Permissions
	// Status is what an account shows, nil when it was not asked for or the
	// account never showed anything.
	Status *talk.Status
}

// Roster is the participants of a conversation as lists show them.
type Roster struct {
	Entries []Entry
	// Until is the moment, Unix seconds, at which a session in the list dies.
	Until int64
	// lacksPIN tells that somebody has to get a PIN first.
	lacksPIN bool
}

// Listing is the list of participants together with who asked.
type Listing struct {
	room.Access
	Roster
	// HasStatuses tells that statuses were looked for.
	HasStatuses bool
}

// ListParticipants returns the attendees of a conversation in the order of
// their ids; guests who went away are left out. Callers with an account may ask
// for statuses, which large conversations do not have. Failure: Forbidden for
// guests.
func (svc *Service) ListParticipants(ctx context.Context, s room.Scope, withStatuses bool) (*Listing, error) {
	var l *Listing
	err := svc.showPINs(ctx, s, func(tx *db.Tx, f *room.Facts) (due bool, err error) {
		if err := f.Check(s.Guard); err != nil {
			return false, err
		}
		if err := f.Me.CanList(); err != nil {
			return false, err
		}
		seen, err := visibilityOf(tx, f, s.Caller)
		if err != nil {
			return false, err
		}
		all, err := roster(tx, f.Room, f.Settings, seen)
		l = &Listing{Access: *f.Access(), Roster: all}
		l.HasStatuses = withStatuses && s.Caller.LoggedIn() && len(l.Entries) < maxStatusAttendees
		if err == nil && l.HasStatuses {
			err = addEntryStatuses(tx, l.Entries)
		}
		return all.lacksPIN, err
	})
	if err != nil {
		return nil, err
	}
	svc.rooms.NoteAlive(l.Me)
	return l, nil
}

// OneParticipant is ListParticipants for a single actor, without statuses. The list is empty
// when lists do not show them.
func (svc *Service) OneParticipant(ctx context.Context, s room.Scope, who talk.Actor) (*Listing, error) {
	var l *Listing
	err := svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		if err := f.Me.CanList(); err != nil {
			return err
		}
		l = &Listing{Access: *f.Access(), Roster: Roster{Entries: []Entry{}, Until: room.Forever}}
		at, err := store.AttendeeOf(tx, f.Room.ID, who)
		if db.IsNone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		sessions, err := store.SessionsOf(tx, at.ID)
		if err != nil {
			return err
		}
		var seen visibility
		if !s.Caller.Observes() { // who need not know what lets people in
			if seen, err = visibilityOf(tx, f, s.Caller); err != nil {
				return err
			}
		}
		for i := range sessions {
			l.Until = min(l.Until, sessions[i].LastPing+talk.DeadAfter)
		}
		if e, shown := entry(f.Room, seen.of(at), sessions, f.Settings, tx.Now()); shown {
			l.Entries = append(l.Entries, e)
		}
		return nil
	})
	return l, err
}

// roster returns the participants that lists show, with what somebody may see of
// them. It is not complete when somebody lacks a PIN that has to be shown.
func roster(tx *db.Tx, conv *talk.Room, s *settings.Settings, seen visibility) (r Roster, err error) {
	rows, err := store.Attendees(tx, conv.ID)
	if err != nil {
		return r, err
	}
	sessions, err := store.Sessions(tx, conv.ID)
	if err != nil {
		return r, err
	}
	r = Roster{Entries: make([]Entry, 0, len(rows)), Until: room.Forever}
	for _, own := range sessions {
		for i := range own {
			r.Until = min(r.Until, own[i].LastPing+talk.DeadAfter)
		}
	}
	for _, at := range rows {
		if seen.seesPIN(&at) && at.NeedsPIN() {
			r.lacksPIN = true
			return r, nil
		}
		if e, shown := entry(conv, seen.of(at), sessions[at.ID], s, tx.Now()); shown {
			r.Entries = append(r.Entries, e)
		}
	}
	return r, nil
}

// entry summarises one attendee and reports whether lists show it.
func entry(room *talk.Room, at talk.Attendee, sessions []talk.Session, s *settings.Settings, now int64) (Entry, bool) {
	e := Entry{
		Attendee: at, Presence: talk.PresenceOf(sessions, now), Final: talk.FinalPermissions(room, &at, s.DefaultPermissions),
	}
	gone := len(e.SessionIDs) == 0 && (at.HiddenWithoutSession() || at.Type == talk.SelfJoined)
	return e, !gone
}

// AddParticipant adds somebody, named as the source wants it. It returns the
// new type of the conversation when adding may have changed it, else 0.
// Failures: Invalid room-type, source, ban, moderator (of another breakout room)
// or "new-participant" for what is no e-mail address or telephone number;
// NotFound "new-participant"; NotImplemented "sip" where no telephone may be
// called.
func (svc *Service) AddParticipant(ctx context.Context, s room.Scope, source, id string) (talk.RoomType, error) {
	kind := talk.SourceType(source, s.Legacy)
	var newType talk.RoomType
	err := svc.rooms.Change(ctx, s, func(c *room.Change) (err error) {
		if err := talk.CanAdd(c.Room); err != nil {
			return err
		}
		newType, err = addFrom(c, kind, id)
		return err
	})
	if err == nil && kind == talk.ActorEmails {
		svc.mailQueued()
	}
	return newType, err
}

func addFrom(c *room.Change, kind talk.ActorType, id string) (newType talk.RoomType, err error) {
	if c.Room.IsBreakout() {
		if kind != talk.ActorUsers {
			return 0, talk.Fail(talk.Invalid, "source")
		}
		return 0, addToBreakout(c, id)
	}
	switch kind {
	case talk.ActorEmails:
		return addEmail(c, id)
	case talk.ActorUsers:
		return 0, addUser(c, id)
	case talk.ActorGroups:
		return 0, addGroup(c, id)
	case talk.ActorTeams:
		return 0, addTeam(c, id)
	case talk.ActorPhones:
		return 0, addPhone(c, id)
	}
	return 0, talk.Fail(talk.Invalid, "source")
}

func addUser(c *room.Change, id string) error {
	account, row, err := store.KeepAccountFor(c.Tx, c.Room.ID, id)
	if errors.Is(err, db.ErrNotFound) || id == talk.BridgeBot {
		return talk.Fail(talk.NotFound, "new-participant")
	}
	if err != nil {
		return err
	}
	banned, err := isBanned(c, talk.User(account.UserID))
	if err != nil {
		return err
	}
	if banned {
		return talk.Fail(talk.Invalid, "ban")
	}
	return addMember(c, account, row)
}

// addAccounts makes accounts members, see welcome, who may be named more than
// once. Banned ones are skipped. Failures are those of gone.
func addAccounts(c *room.Change, accounts []store.Account) error {
	if len(accounts) == 0 {
		return nil
	}
	present, err := store.AttendeesAmong(c.Tx, c.Room.ID, UserIDs(accounts))
	if err != nil {
		return err
	}
	banned, err := bannedAmong(c, UserIDs(accounts))
	if err != nil {
		return err
	}
	kept, err := store.KeepAccounts(c.Tx, UserIDs(accounts))
	if err != nil {
		return err
	}
	if err := c.RefreshNewest(); err != nil {
		return err
	}
	var rows []*talk.Attendee
	var joined []talk.Actor
	seen := make(map[string]bool, len(accounts))
	for _, account := range accounts {
		at, in := present[account.UserID]
		switch {
		case seen[account.UserID] || banned[account.UserID]:
			continue
		case in && !stays(c, &at):
			continue
		case in:
			at.Type = talk.Member
			err = c.SaveAttendee(&at, talk.EventAdded)
		case !kept[account.UserID]:
			err = gone(c, account.UserID)
		default:
			row := userRow(c, account, talk.Member)
			row.LastReadMessage = c.Room.LastMessageID
			rows = append(rows, &row)
		}
		if err != nil {
			return err
		}
		seen[account.UserID] = true
		joined = append(joined, talk.User(account.UserID))
	}
	if err := c.AddAttendees(rows); err != nil {
		return err
	}
	return c.PostSystemForEach(talk.UserAdded, joined)
}

// stays reports whether the row of somebody who is added has to become one that
// stays: that of a self-joined user, but not in the old API versions.
func stays(c *room.Change, row *talk.Attendee) bool { return row.Type == talk.SelfJoined && !c.Legacy }

// addMember makes an account a member that is kept from being deleted: one that is
// not in the conversation is added, a self-joined one stays for good, all others
// are left as they are. row is nil for one that is not there.
func addMember(c *room.Change, account store.Account, row *talk.Attendee) (err error) {
	switch {
	case row == nil:
		at := userRow(c, account, talk.Member)
		err = c.AddReader(&at)
	case stays(c, row):
		row.Type = talk.Member
		err = c.SaveAttendee(row, talk.EventAdded)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	return c.PostSystemAbout(talk.UserAdded, talk.User(account.UserID))
}

// userRow is the row of an account that comes now.
func userRow(c *room.Change, account store.Account, role talk.ParticipantType) talk.Attendee {
	return talk.Attendee{
		RoomID: c.Room.ID, Actor: talk.User(account.UserID), DisplayName: account.DisplayName, Type: role,
		NotificationCalls: 1, ReadPrivacy: account.ReadPrivacy,
	}
}

// insertUser stores the row of an account and keeps the account from being
// deleted meanwhile, which would leave the row behind. Failures: those of gone,
// store.ErrDuplicate.
func insertUser(c *room.Change, account store.Account, role talk.ParticipantType) (at talk.Attendee, err error) {
	err = store.KeepAccount(c.Tx, account.UserID)
	if errors.Is(err, db.ErrNotFound) {
		err = gone(c, account.UserID)
	}
	if err != nil {
		return at, err
	}
	at = userRow(c, account, role)
	return at, insertRow(c, &at)
}

// insertOwner stores the caller's row with what the account has chosen for all its
// conversations, unless there is one. Failure: that of gone.
func insertOwner(c *room.Change) error {
	account, row, err := store.KeepAccountFor(c.Tx, c.Room.ID, c.Caller.UserID)
	if errors.Is(err, db.ErrNotFound) {
		return gone(c, c.Caller.UserID)
	}
	if err != nil || row != nil {
		return err
	}
	_, err = insertUser(c, account, talk.Owner)
	return err
}

// insertRow stores the row of somebody who has read all messages. Failure:
// store.ErrDuplicate.
func insertRow(c *room.Change, at *talk.Attendee) error {
	if err := c.RefreshNewest(); err != nil {
		return err
	}
	at.LastReadMessage = c.Room.LastMessageID
	return c.AddAttendee(at)
}

// gone is the failure to add an account that is deleted already: NotFound
// "new-participant", or Unauthenticated for the caller's own.
func gone(c *room.Change, userID string) error {
	if userID == c.Caller.UserID {
		return talk.Fail(talk.Unauthenticated, "")
	}
	return talk.Fail(talk.NotFound, "new-participant")
}

// UserIDs returns the ids of accounts, in their order.
func UserIDs(accounts []store.Account) []string {
	ids := make([]string, len(accounts))
	for i, a := range accounts {
		ids[i] = a.UserID
	}
	return ids
}

// RemoveAttendee removes an attendee; the caller's own row follows the rule for
// leaving. Failures: NotFound "participant", Invalid room-type or
// last-moderator, Forbidden "owner".
func (svc *Service) RemoveAttendee(ctx context.Context, s room.Scope, id int64) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		at, err := targetOf(c, Target{AttendeeID: id})
		if err != nil {
			return notThere(err)
		}
		if err := talk.CanRemoveFrom(c.Room); err != nil {
			return err
		}
		if at.ID == c.Me.ID {
			if c.Legacy {
				return talk.Fail(talk.Forbidden, "") // v3 has a request of its own for that
			}
			return leaveSelf(c)
		}
		if err := talk.CanRemove(c.Room, at); err != nil {
			return err
		}
		return Remove(c, at)
	})
}

// RemoveSelf removes the caller from the conversation, which is deleted with
// its last permanent member. Failure: Invalid "last-moderator".
func (svc *Service) RemoveSelf(ctx context.Context, s room.Scope) error {
	return svc.rooms.Change(ctx, s, leaveSelf)
}

func leaveSelf(c *room.Change) error {
	count, err := store.CountRoles(c.Tx, c.Room.ID)
	if err != nil {
		return err
	}
	what, err := talk.LeaveSelf(c.Room, c.Me, count, c.Settings.DeleteOneToOne)
	if err != nil {
		return err
	}
	if what == talk.LeaveDeletesRoom {
		return End(c)
	}
	return Remove(c, &c.Me.Attendee)
}

// Remove deletes an attendee and tells so; with a group or team go the members
// whom nothing else holds.
func Remove(c *room.Change, at *talk.Attendee) error {
	if err := c.RemoveAttendee(at); err != nil {
		return err
	}
	if err := removeFromBreakouts(c, at.Actor); err != nil {
		return err
	}
	switch {
	case at.Actor.IsGroupOrTeam():
		return removeGroupOrTeam(c, at.Actor)
	case at.Actor.Type == talk.ActorPhones:
		return c.PostSystemAbout(talk.PhoneRemoved, at.Actor)
	case at.Actor.Type != talk.ActorUsers, c.Room.IsOneToOne(), c.Room.Type == talk.Changelog:
		return nil
	case at.Type == talk.SelfJoined && at.Actor == c.Actor():
		return nil
	}
	return c.PostSystemAbout(talk.UserRemoved, at.Actor)
}
