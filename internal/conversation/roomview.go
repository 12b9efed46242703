package conversation

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/talk"
)

// RoomView is a conversation as one caller sees it.
type RoomView struct {
	Room talk.Room
	// Me is nil for callers who do not take part.
	Me *talk.Participant
	// Final are the caller's final permissions.
	Final talk.Permissions
	// Waiting tells that the caller is kept in the lobby.
	Waiting bool
	// Listed tells that the caller found the conversation among the open ones.
	Listed bool
	// Partner is the other person of a one-to-one.
	Partner *Partner
	// LastMessage is nil when there is none that the caller may see.
	LastMessage *talk.Rendered
	// CommonRead is the newest message that everybody has read.
	CommonRead int64
	// Unread is how many messages of people the caller has not read. UnreadMention tells
	// that one of them mentions the caller, UnreadDirect that it does so by name.
	Unread                      int64
	UnreadMention, UnreadDirect bool
	// CanEnableSIP tells that the caller may let telephones in.
	CanEnableSIP bool
	// Settings are those of the server.
	Settings *settings.Settings
}

// Partner is the other person of a one-to-one.
type Partner struct {
	UserID      string
	DisplayName string
	// Status is nil when it was not asked for or there is none.
	Status *talk.Status
}

// Look finds a conversation for a caller who need not take part. Failure:
// NotFound when they may not know of it.
func (svc *Service) Look(ctx context.Context, caller talk.Caller, token string) (*room.Access, error) {
	v, err := svc.rooms.Enter(ctx, room.Scope{Caller: caller, Token: token})
	if err != nil {
		return v, err
	}
	visible := v.Room != nil && v.Room.VisibleTo(caller, v.Me != nil)
	svc.rooms.Expect(room.Scope{Caller: caller, Token: token}, visible)
	if !visible {
		err = &talk.Error{Kind: talk.NotFound, Guard: true}
	}
	return v, err
}

// Reader names whom the room object looks the same for.
func Reader(v *room.Access) string {
	if v.Me == nil {
		return fmt.Sprint("stranger ", v.Room.Listable)
	}
	session := int64(0)
	if v.Me.Session != nil {
		session = v.Me.Session.ID
	}
	return fmt.Sprint(v.Me.ID, " ", session)
}

// Readers names whom the list of participants looks the same for: all
// moderators, and all others who see nothing of their own in it.
func Readers(v *room.Access) string {
	switch {
	case v.Me.Actor.Type != talk.ActorUsers || v.Me.PIN != "" || v.Room.SIP != talk.SIPDisabled:
		return Reader(v)
	case v.Me.Type.IsAccountModerator():
		return "moderators"
	}
	return "users"
}

// Until is the moment, Unix seconds, at which time alone changes what the
// caller sees of the conversation.
func (v *RoomView) Until() int64 {
	if v.Settings.AsksGroups() {
		return 0 // whoever leaves these groups must notice at once
	}
	until := (&room.Facts{Facts: talk.Facts{Room: &v.Room, Me: v.Me}}).Until()
	if v.LastMessage != nil && v.LastMessage.ExpiresAt > 0 {
		until = min(until, v.LastMessage.ExpiresAt)
	}
	return until
}

// Room returns the conversation as the caller sees it; also strangers see
// something of a public or listed one. Failure: NotFound.
func (svc *Service) Room(ctx context.Context, caller talk.Caller, token string) (*RoomView, error) {
	var v *RoomView
	err := svc.showPINs(ctx, room.Scope{Caller: caller, Token: token}, func(tx *db.Tx, f *room.Facts) (due bool, err error) {
		if f.Room == nil || !f.Room.VisibleTo(caller, f.Me != nil) {
			return false, &talk.Error{Kind: talk.NotFound, Guard: true}
		}
		views, err := completeViews(tx, f.Settings, caller, []store.Membership{membership(f)}, nil)
		if err == nil {
			err = addLastMessages(tx, caller, views)
		}
		if err == nil && caller.LoggedIn() {
			err = addPartnerStatuses(tx, views, false)
		}
		if err != nil {
			return false, err
		}
		v = &views[0]
		if f.Me == nil {
			v.Me, v.Listed = nil, f.Room.ListedFor(caller)
			return false, nil
		}
		v.Me = f.Me
		return v.lacksPIN(), nil
	})
	if err == nil {
		svc.rooms.NoteAlive(v.Me)
	}
	return v, err
}

// RoomFor returns the conversation as a participant sees it who just opened it.
// Failure: NotFound when it is gone by now.
func (svc *Service) RoomFor(ctx context.Context, caller talk.Caller, token string, me *talk.Participant) (*RoomView, error) {
	var v *RoomView
	err := svc.store.Read(ctx, func(tx *db.Tx) error {
		room, err := store.Room(tx, token)
		if errors.Is(err, db.ErrNotFound) {
			return talk.Fail(talk.NotFound, "")
		}
		if err != nil {
			return err
		}
		s, err := svc.settings.In(tx)
		if err != nil {
			return err
		}
		v, err = viewFor(tx, s, caller, &room, me)
		return err
	})
	return v, err
}

// viewFor returns what a participant sees of a conversation. It is complete when
// the transaction has ended.
func viewFor(tx *db.Tx, s *settings.Settings, caller talk.Caller, room *talk.Room, me *talk.Participant) (*RoomView, error) {
	views, err := completeViews(tx, s, caller, []store.Membership{{Room: *room, Me: me.Attendee}}, nil)
	if err == nil {
		err = addLastMessages(tx, caller, views)
	}
	if err == nil && caller.LoggedIn() {
		err = addPartnerStatuses(tx, views, false)
	}
	if err != nil {
		return nil, err
	}
	views[0].Me = me
	return &views[0], nil
}

func membership(f *room.Facts) store.Membership {
	m := store.Membership{Room: *f.Room}
	if f.Me != nil {
		m.Me = f.Me.Attendee
	}
	return m
}

// ListOptions narrow the list of the caller's own conversations.
type ListOptions struct {
	// ModifiedSince keeps what changed since then, Unix seconds, 0 for all.
	ModifiedSince int64
	// WithoutLastMessage leaves the newest messages out.
	WithoutLastMessage bool
	// IncludeStatus asks for the statuses of the other one in one-to-ones.
	IncludeStatus bool
}

// Rooms returns the caller's own conversations in the order of their ids, and
// the settings that they were looked at under.
func (svc *Service) Rooms(ctx context.Context, caller talk.Caller, o ListOptions) (views []RoomView, s *settings.Settings, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		if s, err = svc.settings.Admit(tx, caller); err != nil {
			return err
		}
		kept, err := o.memberships(tx, talk.User(caller.UserID))
		if err != nil {
			return err
		}
		sessions, err := store.SessionsHeld(tx, caller)
		if err != nil {
			return err
		}
		views, err = completeViews(tx, s, caller, kept, sessions)
		if err == nil && o.IncludeStatus {
			err = addPartnerStatuses(tx, views, true)
		}
		if err != nil || o.WithoutLastMessage {
			return err
		}
		return addLastMessages(tx, caller, views)
	})
	if err != nil {
		return nil, nil, err
	}
	changed, err := svc.catchUp(ctx, caller, views)
	if changed && err == nil {
		return svc.Rooms(ctx, caller, o)
	}
	return views, s, err
}

// memberships returns the conversations that the list shows.
func (o ListOptions) memberships(tx *db.Tx, who talk.Actor) ([]store.Membership, error) {
	if o.ModifiedSince == 0 {
		return store.Memberships(tx, who)
	}
	return store.RecentMemberships(tx, who, o.ModifiedSince, o.IncludeStatus)
}

// catchUp switches lobbies off whose timers passed and gives the PINs that are
// missing. It reports whether there was anything to do.
func (svc *Service) catchUp(ctx context.Context, caller talk.Caller, views []RoomView) (changed bool, err error) {
	now := svc.now().Unix()
	for i := range views {
		v := &views[i]
		switch {
		case v.Room.LobbyDue(now):
			err = svc.rooms.EndLobby(ctx, room.Scope{Caller: caller, Token: v.Room.Token})
		case v.lacksPIN():
			err = svc.givePINs(ctx, v.Room.Token, caller)
		default:
			continue
		}
		if err != nil {
			return changed, err
		}
		changed = true
	}
	return changed, nil
}

// ListUntil is the moment, Unix seconds, at which time alone changes a list.
func ListUntil(views []RoomView) int64 {
	until := room.Forever
	for i := range views {
		until = min(until, views[i].Until())
	}
	return until
}

// Listed returns the open conversations that the caller is not in and whose
// name contains the search text.
func (svc *Service) Listed(ctx context.Context, caller talk.Caller, search string) ([]RoomView, error) {
	var views []RoomView
	err := svc.store.Read(ctx, func(tx *db.Tx) error {
		s, err := svc.settings.Admit(tx, caller)
		if err != nil {
			return err
		}
		rooms, err := store.ListedRooms(tx, caller.UserID)
		for _, r := range rooms {
			if r.ListedFor(caller) && strings.Contains(strings.ToLower(r.Name), strings.ToLower(search)) {
				views = append(views, RoomView{Room: r, Listed: true, Settings: s})
			}
		}
		return err
	})
	return views, err
}

// views completes conversations with what else the caller sees of them, but for
// their newest messages.
func completeViews(tx *db.Tx, s *settings.Settings, caller talk.Caller, all []store.Membership, sessions map[int64]talk.Session) ([]RoomView, error) {
	views := make([]RoomView, len(all))
	for i, m := range all {
		v := &views[i]
		v.Room, v.Me, v.Settings = m.Room, &talk.Participant{Attendee: m.Me}, s
		if own, ok := sessions[m.Room.ID]; ok {
			v.Me.Session = &own
		}
		v.Final = talk.FinalPermissions(&v.Room, &m.Me, s.DefaultPermissions)
		v.Waiting = talk.WaitsInLobby(&v.Room, &m.Me, v.Final)
	}
	for _, complete := range []func(*db.Tx, talk.Caller, []RoomView) error{addCommonRead, addUnread, addPartners} {
		if err := complete(tx, caller, views); err != nil {
			return nil, err
		}
	}
	return views, addTelephony(tx, s, caller, views)
}

func addCommonRead(tx *db.Tx, _ talk.Caller, views []RoomView) error {
	var rooms []int64
	of := make(map[int64]*RoomView, len(views))
	for i := range views {
		if v := &views[i]; v.Me.ID != 0 && v.Me.ReadPrivacy == 0 {
			rooms = append(rooms, v.Room.ID)
			of[v.Room.ID] = v
		}
	}
	return store.CommonRead(tx, rooms, func(room, message int64) { of[room].CommonRead = message })
}

// addUnread adds what the caller has not read. Guests and those who wait in the lobby have
// nothing to read.
func addUnread(tx *db.Tx, _ talk.Caller, views []RoomView) error {
	of := make(map[int64]*RoomView, len(views))
	members := make([]store.Membership, 0, len(views))
	for i := range views {
		v := &views[i]
		if v.Me.ID == 0 || v.Me.Actor.Type != talk.ActorUsers || v.Waiting {
			continue
		}
		of[v.Me.ID] = v
		members = append(members, store.Membership{Room: v.Room, Me: v.Me.Attendee})
		level := talk.NotificationLevel(&v.Room, &v.Me.Attendee, v.Settings.GroupNotification)
		v.UnreadMention, v.UnreadDirect = talk.UnreadMention(&v.Room, &v.Me.Attendee, level)
	}
	err := store.Unread(tx, members, func(attendee, unread int64) { of[attendee].Unread = unread })
	for _, v := range of {
		if v.Unread == 0 && v.Me.LastReadMessage == talk.NothingRead {
			v.Unread = 1
		}
	}
	return err
}

func addPartners(tx *db.Tx, caller talk.Caller, views []RoomView) error {
	var ids []string
	for i := range views {
		v := &views[i]
		if v.Room.Type != talk.OneToOne {
			continue
		}
		if id, ok := talk.PairPartner(v.Room.Name, caller.UserID); ok {
			v.Partner = &Partner{UserID: id, DisplayName: id}
			ids = append(ids, id)
		}
	}
	names, err := store.Names(tx, ids)
	for i := range views {
		if p := views[i].Partner; p != nil {
			if name, ok := names[p.UserID]; ok {
				p.DisplayName = name
			}
		}
	}
	return err
}

// ShownName is what the conversation is called for the caller: a one-to-one after the
// other one.
func (v *RoomView) ShownName() string {
	if v.Partner != nil {
		return v.Partner.DisplayName
	}
	return v.Room.Name
}

func addLastMessages(tx *db.Tx, caller talk.Caller, views []RoomView) error {
	var ids []int64
	of := map[int64]*RoomView{}
	for i := range views {
		v := &views[i]
		if v.Room.LastMessageID != 0 && v.Me.ID != 0 && !v.Waiting && !v.Me.Sensitive {
			ids = append(ids, v.Room.LastMessageID)
			of[v.Room.LastMessageID] = v
		}
	}
	found, err := store.Messages(tx, ids)
	for i := range found {
		m := &found[i]
		if v := of[m.ID]; !m.Expired(tx.Now()) {
			r := m.Render(talk.Reader{Viewer: caller.Actor(), Room: &v.Room, RoomName: v.ShownName()})
			v.LastMessage = &r
		}
	}
	return err
}
