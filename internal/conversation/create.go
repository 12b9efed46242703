package conversation

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"parley/internal/db"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/talk"
)

// NewRoom describes a conversation to create.
type NewRoom struct {
	Type                   talk.RoomType
	Name, Description      string
	ObjectType, ObjectID   string
	Password               string
	ReadOnly, SIP          int
	Listable               talk.Listable
	Lobby                  talk.LobbyState
	LobbyTimer             *int64
	Expiration             int64
	Permissions            talk.Permissions
	RecordingConsent       int
	MentionPermissions     int
	Emoji, AvatarColor     string
	HasEmoji, HasColor     bool
	Invite, Source         string
	Users, Groups          []string
	Emails, Teams          []string
	FederatedUsers, Phones []string
	// Unknown are invitations of kinds that do not exist.
	Unknown map[string][]string
}

// Created is the outcome of creating a conversation.
type Created struct {
	Token string
	// Existed tells that a one-to-one was there already.
	Existed bool
	// Rejected are the invitations that could not be followed, by source.
	Rejected map[string][]string
}

// CreateRoom creates a conversation owned by the caller. Failures: Invalid with the name
// of the parameter, NotFound "invite", Forbidden "permissions".
func (svc *Service) CreateRoom(ctx context.Context, caller talk.Caller, n NewRoom) (Created, error) {
	if err := n.checkLists(); err != nil {
		return Created{}, err
	}
	if n.Type == talk.OneToOne {
		return svc.createOneToOne(ctx, caller, n)
	}
	hash, err := svc.hashRoomPassword(ctx, n.Password)
	if err != nil {
		return Created{}, err
	}
	// What was invited may be gone when the conversation is made.
	const attempts = 3
	for attempt := 1; ; attempt++ {
		guests, err := svc.resolve(ctx, caller, &n)
		if err != nil {
			return Created{}, err
		}
		out, err := svc.createShared(ctx, caller, &n, hash, guests)
		switch {
		case !errors.Is(err, errInviteeGone):
			return out, err
		case attempt == attempts:
			return Created{}, talk.Fail(talk.NotFound, "invite")
		}
	}
}

// createShared creates a group or public conversation with those who were
// invited. Failures: those of CreateRoom, errInviteeGone.
func (svc *Service) createShared(ctx context.Context, caller talk.Caller, n *NewRoom, hash string, guests *invitees) (out Created, err error) {
	err = svc.store.Write(ctx, func(tx *db.Tx) error {
		out = Created{Rejected: guests.rejected}
		settings, err := n.admit(svc, tx, caller)
		if err != nil {
			return err
		}
		if err := guests.keepBundles(tx, caller); err != nil {
			return err
		}
		room, err := n.room(settings, guests, tx.Now())
		if err != nil {
			return err
		}
		if room.Type == talk.Public {
			room.PasswordHash = hash
		}
		out.Token, err = svc.create(tx, settings, caller, room, guests)
		return err
	})
	if err == nil && len(guests.emails) > 0 {
		svc.mailQueued()
	}
	return out, err
}

// admit checks that the caller may create such a conversation at all. Failures:
// Invalid "object", Forbidden "permissions".
func (n *NewRoom) admit(a *Service, tx *db.Tx, caller talk.Caller) (*settings.Settings, error) {
	if err := n.extends(tx, caller); err != nil {
		return nil, err
	}
	return a.admitCreator(tx, caller)
}

// admitCreator returns the settings if they let the caller create shared
// conversations. Failure: Forbidden "permissions".
func (svc *Service) admitCreator(tx *db.Tx, caller talk.Caller) (*settings.Settings, error) {
	s, err := svc.settings.Admit(tx, caller)
	if err != nil {
		return nil, err
	}
	allowed, err := settings.InAny(tx, caller, s.CreatorGroups)
	if err == nil && !allowed {
		err = talk.Fail(talk.Forbidden, "permissions")
	}
	return s, err
}

// extends checks that a conversation which continues a one-to-one names one
// that the caller is in. Failure: Invalid "object".
func (n *NewRoom) extends(tx *db.Tx, caller talk.Caller) error {
	if n.ObjectType != talk.ObjectExtendedConversation || n.ObjectID == "" {
		return nil
	}
	room, err := store.Room(tx, n.ObjectID)
	if err == nil {
		_, err = store.AttendeeOf(tx, room.ID, caller.Actor())
	}
	if errors.Is(err, db.ErrNotFound) || err == nil && room.Type != talk.OneToOne {
		return talk.Fail(talk.Invalid, "object")
	}
	return err
}

// create stores a checked conversation with its owner and its invitees.
func (svc *Service) create(tx *db.Tx, s *settings.Settings, caller talk.Caller, room talk.Room, guests *invitees) (string, error) {
	if err := insertRoom(tx, s, &room); err != nil {
		return "", err
	}
	c := svc.rooms.ChangeOf(tx, &room, caller, s)
	if err := c.PostSystem(talk.ConversationCreated); err != nil {
		return "", err
	}
	if err := insertOwner(c); err != nil {
		return "", err
	}
	return room.Token, addInvitees(c, guests)
}

// creatableObjects are the object types that clients may create.
func creatableObject(t string) bool {
	return slices.Contains([]string{
		talk.ObjectPhone, talk.ObjectPhonePersist, talk.ObjectPhoneTemporary,
		talk.ObjectEvent, talk.ObjectExtendedConversation, talk.ObjectInstantMeeting,
	}, t)
}

// room checks the description and returns the conversation it stands for. The
// order of the checks is part of the interface.
func (n *NewRoom) room(s *settings.Settings, guests *invitees, now int64) (talk.Room, error) {
	r := talk.Room{
		Type: guests.roomType(n.Type), ObjectType: n.ObjectType, ObjectID: n.ObjectID, ReadOnly: n.ReadOnly, Listable: n.Listable,
		MessageExpiration: n.Expiration, LobbyState: n.Lobby, SIP: talk.SIPState(n.SIP), DefaultPermissions: n.Permissions.Custom(),
		RecordingConsent: n.RecordingConsent, MentionPermissions: n.MentionPermissions,
		AvatarEmoji: n.Emoji, AvatarColor: n.AvatarColor, Description: strings.TrimSpace(n.Description),
	}
	if strings.HasPrefix(r.ObjectType, talk.ObjectPhone) && creatableObject(r.ObjectType) {
		r.ObjectID = talk.ObjectPhone
	}
	var err error
	if r.Name, err = talk.CheckName(guests.roomName(n), "name"); err != nil {
		return r, err
	}
	if r.SIP == talk.SIPDisabled && s.SIPConfigured() {
		r.SIP = s.SIPDialinDefault
	}
	if n.LobbyTimer != nil && n.Lobby != talk.LobbyOff {
		r.LobbyTimer = *n.LobbyTimer
	}
	for _, check := range n.checks(&r, s) {
		switch {
		case !check.fails:
		case check.reason == "password":
			return r, passwordRequired(check.reason)
		default:
			return r, talk.Fail(talk.Invalid, check.reason)
		}
	}
	if r.LobbyDue(now) {
		r.LobbyState, r.LobbyTimer = talk.LobbyOff, 0
	}
	return r, nil
}

type creationCheck struct {
	reason string
	fails  bool
}

func outside(v, most int) bool { return v < 0 || v > most }

func (n *NewRoom) checks(r *talk.Room, s *settings.Settings) []creationCheck {
	return []creationCheck{
		{"type", !r.IsShared()},
		{"object-type", utf8.RuneCountInString(r.ObjectType) > talk.MaxObjectField},
		{"object-id", utf8.RuneCountInString(r.ObjectID) > talk.MaxObjectField},
		{"object-type", r.ObjectType != "" && !creatableObject(r.ObjectType)},
		{"object", (r.ObjectType == "") != (r.ObjectID == "")},
		{"password", s.ForcePasswords && r.Type == talk.Public && n.Password == ""},
		{"read-only", outside(r.ReadOnly, 1)},
		{"listable", outside(int(r.Listable), int(talk.ListableAll))},
		{"message-expiration", r.MessageExpiration < 0},
		{"lobby", outside(int(r.LobbyState), int(talk.LobbyNonModerators))},
		{"lobby-timer", r.LobbyTimer < 0},
		{"sip-enabled", outside(int(r.SIP), int(talk.SIPWithoutPIN))},
		{"permissions", !n.Permissions.Valid()},
		{"recording-consent", outside(r.RecordingConsent, 1)},
		{"mention-permissions", outside(r.MentionPermissions, 1)},
		{"description", utf8.RuneCountInString(r.Description) > talk.MaxDescription || !talk.PlainText(r.Description)},
		{"avatar", !n.validAvatar()},
	}
}

// validAvatar reports whether emoji and colour are what they should be: one
// short cluster that is no plain text, and six hexadecimal digits.
func (n *NewRoom) validAvatar() bool {
	if n.HasEmoji && !talk.IsEmoji(n.Emoji) {
		return false
	}
	if !n.HasColor || n.AvatarColor == "" {
		return true
	}
	return n.HasEmoji && len(n.AvatarColor) == 6 && strings.Trim(n.AvatarColor, "0123456789abcdefABCDEF") == ""
}

// createOneToOne opens the conversation of the caller with somebody else, or
// the one that the two have already.
func (svc *Service) createOneToOne(ctx context.Context, caller talk.Caller, n NewRoom) (Created, error) {
	invite := n.Invite
	if invite == "" && len(n.Users) > 0 {
		invite = n.Users[0]
	}
	var out Created
	err := svc.store.Write(ctx, func(tx *db.Tx) error {
		out = Created{}
		settings, err := svc.settings.Admit(tx, caller)
		if err != nil {
			return err
		}
		other, err := store.AccountByID(tx, invite)
		if errors.Is(err, db.ErrNotFound) || invite == talk.BridgeBot {
			return talk.Fail(talk.NotFound, "invite")
		}
		if err != nil {
			return err
		}
		if other.UserID == caller.UserID {
			return talk.Fail(talk.Forbidden, "invite")
		}
		if out.Rejected, err = n.besides(tx, other.UserID); err != nil {
			return err
		}
		pair := talk.PairIdentity(caller.UserID, other.UserID)
		out.Token, out.Existed, err = svc.openUnique(tx, settings, caller, talk.Room{Type: talk.OneToOne, Name: pair, Identity: pair})
		if err != nil || out.Existed {
			return err
		}
		room, err := store.Room(tx, out.Token)
		if err != nil {
			return err
		}
		return store.SetPair(tx, room.ID, caller.UserID, other.UserID)
	})
	return out, err
}

// openUnique returns the conversation that exists once under an identity, with
// the caller in it as its owner.
func (svc *Service) openUnique(tx *db.Tx, s *settings.Settings, caller talk.Caller, want talk.Room) (token string, existed bool, err error) {
	known, err := store.RoomByIdentity(tx, want.Identity)
	if errors.Is(err, db.ErrNotFound) {
		token, err = svc.create(tx, s, caller, want, &invitees{})
		if !errors.Is(err, db.ErrDuplicate) {
			return token, false, err
		}
		known, err = store.RoomByIdentity(tx, want.Identity)
	}
	if err != nil {
		return "", false, err
	}
	if err := store.KeepAccount(tx, caller.UserID); err != nil && !errors.Is(err, db.ErrNotFound) {
		return "", false, err
	}
	room, err := store.LockRoom(tx, known.Token)
	if err != nil {
		return "", false, err
	}
	return room.Token, true, insertOwner(svc.rooms.ChangeOf(tx, &room, caller, s))
}

// NoteToSelf returns the token of the caller's own notes, which are created
// when there are none.
func (svc *Service) NoteToSelf(ctx context.Context, caller talk.Caller) (string, error) {
	var token string
	err := svc.store.Read(ctx, func(tx *db.Tx) error {
		if _, err := svc.settings.Admit(tx, caller); err != nil {
			return err
		}
		room, err := store.RoomByIdentity(tx, noteIdentity(caller))
		token = room.Token
		return err
	})
	if !errors.Is(err, db.ErrNotFound) {
		return token, err
	}
	err = svc.store.Write(ctx, func(tx *db.Tx) error {
		settings, err := svc.settings.Admit(tx, caller)
		if err != nil {
			return err
		}
		var existed bool
		token, existed, err = svc.openUnique(tx, settings, caller, talk.Room{
			Type: talk.NoteToSelf, Identity: noteIdentity(caller), Name: "Note to self",
			Description: "A place for your private notes, thoughts and ideas",
			ObjectType:  talk.ObjectNoteToSelf, ObjectID: caller.UserID, AvatarEmoji: "📝",
		})
		if err != nil || existed {
			return err
		}
		return svc.favoriteNotes(tx, settings, caller, token)
	})
	return token, err
}

func noteIdentity(c talk.Caller) string { return "note:" + c.UserID }

func (svc *Service) favoriteNotes(tx *db.Tx, s *settings.Settings, caller talk.Caller, token string) error {
	room, err := store.Room(tx, token)
	if err != nil {
		return err
	}
	me, err := store.AttendeeOf(tx, room.ID, talk.User(caller.UserID))
	if err != nil {
		return err
	}
	me.Favorite = true
	return svc.rooms.ChangeOf(tx, &room, caller, s).SaveOwn(&me)
}
