package conversation

import (
	"context"
	"errors"
	"fmt"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/talk"
)

// insertRoom stores a conversation under a new token.
func insertRoom(tx *db.Tx, s *settings.Settings, room *talk.Room) error {
	for length := s.TokenLength; length <= settings.MaxTokenLength; length++ {
		room.Token = newToken(s, length)
		err := store.InsertRoom(tx, room)
		if !errors.Is(err, db.ErrDuplicate) {
			return err
		}
		if room.Identity == "" {
			continue
		}
		if _, err := store.RoomByIdentity(tx, room.Identity); err == nil {
			return db.ErrDuplicate
		}
	}
	return errors.New("no free token found")
}

// DeleteRoom deletes a conversation with everything in it. Failure: Invalid for
// one-to-ones unless the administrator lets them end.
func (svc *Service) DeleteRoom(ctx context.Context, s room.Scope) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if c.Room.IsOneToOne() && !c.Settings.DeleteOneToOne {
			return talk.Fail(talk.Invalid, "")
		}
		return End(c)
	})
}

// End deletes the conversation and its breakout rooms.
func End(c *room.Change) error {
	err := inBreakouts(c, func(b *room.Change) error { return b.DeleteRoom() })
	if err != nil {
		return err
	}
	return c.DeleteRoom()
}

// setting is a change of one property of a conversation: allowed says whether
// the property may change at all, apply sets it and names the system message
// that tells so, none for a property that changes silently or not.
type setting struct {
	allowed func(*talk.Room) error
	apply   func(*talk.Room, *settings.Settings) (changed bool, message talk.Message, err error)
	// same skips allowed when the property has the wanted value already.
	same func(*talk.Room) bool
	// after is what follows from the change, nil for nothing.
	after func(*room.Change) error
}

func (svc *Service) set(ctx context.Context, s room.Scope, p setting) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if p.same != nil && p.same(c.Room) {
			return nil
		}
		if err := p.allowed(c.Room); err != nil {
			return err
		}
		changed, message, err := p.apply(c.Room, c.Settings)
		if err != nil || !changed {
			return err
		}
		if err := c.SaveRoom(talk.EventSettings); err != nil || message.System == "" {
			return err
		}
		message.Actor = c.Actor()
		if err := c.Post(&message); err != nil || p.after == nil {
			return err
		}
		return p.after(c)
	})
}

// oneOf fails with Invalid "value" unless v is between 0 and most.
func oneOf(v, most int) error {
	if v < 0 || v > most {
		return talk.Fail(talk.Invalid, "value")
	}
	return nil
}

// Rename changes the name. Failures: Invalid event, type, value.
func (svc *Service) Rename(ctx context.Context, s room.Scope, name string) error {
	return svc.set(ctx, s, setting{
		allowed: (*talk.Room).CanRename,
		apply: func(r *talk.Room, _ *settings.Settings) (bool, talk.Message, error) {
			name, err := talk.CheckName(name, "value")
			if err != nil || name == r.Name {
				return false, talk.Message{}, err
			}
			m := talk.Message{System: talk.ConversationRenamed, Params: map[string]string{"oldName": r.Name, "newName": name}}
			r.Name = name
			return true, m, nil
		},
	})
}

// SetDescription changes the description. Failures: Invalid event, value, type.
func (svc *Service) SetDescription(ctx context.Context, s room.Scope, text string) error {
	return svc.set(ctx, s, setting{
		allowed: func(r *talk.Room) error {
			if r.ObjectType == talk.ObjectEvent {
				return talk.Fail(talk.Invalid, "event")
			}
			return nil
		},
		apply: func(r *talk.Room, _ *settings.Settings) (bool, talk.Message, error) {
			text, err := talk.CheckDescription(text, "value")
			if err == nil && text != r.Description {
				err = r.CanRename()
			}
			if err != nil || text == r.Description {
				return false, talk.Message{}, err
			}
			key := talk.DescriptionSet
			if text == "" {
				key = talk.DescriptionRemoved
			}
			r.Description = text
			return true, talk.Message{System: key}, nil
		},
	})
}

// SetReadOnly locks (1) or unlocks (0) the conversation. Failures: Invalid
// type, value.
func (svc *Service) SetReadOnly(ctx context.Context, s room.Scope, state int) error {
	return svc.set(ctx, s, setting{
		same:    func(r *talk.Room) bool { return r.ReadOnly == state },
		allowed: (*talk.Room).CanReconfigure,
		after:   (*room.Change).KeepAllOut,
		apply: func(r *talk.Room, _ *settings.Settings) (bool, talk.Message, error) {
			key := talk.ReadOnlyOff
			if state == 1 {
				key = talk.ReadOnlyOn
			}
			r.ReadOnly = state
			return true, talk.Message{System: key}, oneOf(state, 1)
		},
	})
}

// SetListable changes who can find the conversation. Failures: Invalid
// breakout-room, type, value.
func (svc *Service) SetListable(ctx context.Context, s room.Scope, scope talk.Listable) error {
	return svc.set(ctx, s, setting{
		same:    func(r *talk.Room) bool { return r.Listable == scope },
		allowed: (*talk.Room).CanChangeAccess,
		apply: func(r *talk.Room, _ *settings.Settings) (bool, talk.Message, error) {
			if err := oneOf(int(scope), int(talk.ListableAll)); err != nil {
				return false, talk.Message{}, err
			}
			r.Listable = scope
			keys := [...]talk.SystemKey{talk.ListableOff, talk.ListableForUsers, talk.ListableForAll}
			return true, talk.Message{System: keys[scope]}, nil
		},
	})
}

// SetMentionPermissions changes who may mention everybody: 0 all, 1 moderators.
// Failures: Invalid breakout-room, type, value.
func (svc *Service) SetMentionPermissions(ctx context.Context, s room.Scope, who int) error {
	return svc.set(ctx, s, setting{
		same:    func(r *talk.Room) bool { return r.MentionPermissions == who },
		allowed: (*talk.Room).CanChangeAccess,
		apply: func(r *talk.Room, _ *settings.Settings) (bool, talk.Message, error) {
			r.MentionPermissions = who
			return true, talk.Message{}, oneOf(who, 1)
		},
	})
}

// SetMessageExpiration changes after how many seconds messages vanish, 0 for
// never. Failures: Invalid breakout-room, type, value.
func (svc *Service) SetMessageExpiration(ctx context.Context, s room.Scope, seconds int64) error {
	return svc.set(ctx, s, setting{
		allowed: func(r *talk.Room) error {
			switch {
			case r.IsBreakout():
				return talk.Fail(talk.Invalid, "breakout-room")
			case r.Type == talk.FormerOneToOne:
				return talk.Fail(talk.Invalid, "type")
			}
			return nil
		},
		apply: func(r *talk.Room, _ *settings.Settings) (bool, talk.Message, error) {
			if seconds < 0 {
				return false, talk.Message{}, talk.Fail(talk.Invalid, "value")
			}
			m := talk.Message{System: talk.MessageExpirationEnabled, Params: map[string]string{"seconds": fmt.Sprint(seconds)}}
			if seconds == 0 {
				m = talk.Message{System: talk.MessageExpirationDisabled}
			}
			r.MessageExpiration = seconds
			return true, m, nil
		},
	})
}

// SetPassword sets the password that self-joining people need; empty removes
// it. Participants stay. Failures: Invalid breakout-room, type, value (removed
// though the administrator demands one).
func (svc *Service) SetPassword(ctx context.Context, s room.Scope, password string) error {
	hash, err := svc.hashRoomPassword(ctx, password)
	if err != nil {
		return err
	}
	return svc.set(ctx, s, setting{
		allowed: func(r *talk.Room) error {
			if r.Type != talk.Public {
				return talk.Fail(talk.Invalid, "type")
			}
			return r.CanChangeAccess()
		},
		apply: func(r *talk.Room, server *settings.Settings) (bool, talk.Message, error) {
			if password == "" && !r.HasPassword() {
				return false, talk.Message{}, nil
			}
			if password == "" && server.ForcePasswords {
				return false, talk.Message{}, passwordRequired("value")
			}
			r.PasswordHash = hash
			return true, talk.Message{System: passwordKey(password)}, nil
		},
	})
}

// passwordRequired refuses a public conversation without a password.
func passwordRequired(reason string) error {
	return &talk.Error{Kind: talk.Invalid, Reason: reason, Message: "Public conversations need a password here."}
}

func passwordKey(password string) talk.SystemKey {
	if password == "" {
		return talk.PasswordRemoved
	}
	return talk.PasswordSet
}

// hashRoomPassword hashes a password before any transaction; the empty one
// stays empty. Failure: Invalid "value" for one that is too long.
func (svc *Service) hashRoomPassword(ctx context.Context, password string) (string, error) {
	if password == "" {
		return "", nil
	}
	hash, err := svc.hasher.Hash(ctx, password)
	if errors.Is(err, secret.ErrPasswordTooLong) {
		return "", &talk.Error{Kind: talk.Invalid, Reason: "value", Message: "The password is too long.", Err: err}
	}
	return hash, err
}

// AllowGuests makes a conversation public; a conversation that is public
// already stays as it is, password included. Failures: Invalid password (none
// given though the administrator demands one), type, breakout-room.
func (svc *Service) AllowGuests(ctx context.Context, s room.Scope, password string) error {
	hash, err := svc.hashRoomPassword(ctx, password)
	if err != nil {
		return err
	}
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if c.Settings.ForcePasswords && password == "" {
			return passwordRequired("password")
		}
		if c.Room.Type == talk.Public {
			return nil
		}
		if err := c.Room.CanChangeType(); err != nil {
			return err
		}
		return makePublic(c, hash)
	})
}

// checkPassword demands a password, given now or kept from before, for what
// becomes public where the administrator does. Failure: Invalid "password".
func checkPassword(c *room.Change, hash string) error {
	if c.Settings.ForcePasswords && hash == "" && !c.Room.HasPassword() {
		return passwordRequired("password")
	}
	return nil
}

// makePublic opens the conversation to guests, who need a password if there is
// a hash. Failure: that of checkPassword.
func makePublic(c *room.Change, hash string) error {
	if err := checkPassword(c, hash); err != nil {
		return err
	}
	c.Room.Type = talk.Public
	if hash != "" {
		c.Room.PasswordHash = hash
	}
	if err := c.SaveRoom(talk.EventSettings); err != nil {
		return err
	}
	if err := c.PostSystem(talk.GuestsAllowed); err != nil || hash == "" {
		return err
	}
	return c.PostSystem(talk.PasswordSet)
}

// DisallowGuests makes a conversation private: everybody without a permanent
// place is removed. Failures: Invalid type, breakout-room.
func (svc *Service) DisallowGuests(ctx context.Context, s room.Scope) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if c.Room.Type == talk.Group {
			return nil
		}
		if err := c.Room.CanChangeType(); err != nil {
			return err
		}
		c.Room.Type = talk.Group
		if err := c.SaveRoom(talk.EventSettings); err != nil {
			return err
		}
		if err := c.RemoveRoles(talk.GuestRole, talk.SelfJoined, talk.GuestModerator); err != nil {
			return err
		}
		return c.PostSystem(talk.GuestsDisallowed)
	})
}

// Unbind frees the conversation from the event, meeting or telephone call that
// it was made for. Failure: Invalid object-type.
func (svc *Service) Unbind(ctx context.Context, s room.Scope) error {
	return svc.set(ctx, s, setting{
		allowed: (*talk.Room).CanUnbind,
		apply: func(r *talk.Room, _ *settings.Settings) (bool, talk.Message, error) {
			r.ObjectType, r.ObjectID = talk.ObjectNone, ""
			return true, talk.Message{}, nil
		},
	})
}

// OwnSettings are the properties that participants choose for themselves. Nil
// fields stay as they are.
type OwnSettings struct {
	Favorite, Archived, Important, Sensitive *bool
	NotificationLevel, NotificationCalls     *int
}

// SetOwn stores the caller's own settings of a conversation. Failure: Invalid
// "level".
func (svc *Service) SetOwn(ctx context.Context, s room.Scope, o OwnSettings) error {
	if l := o.NotificationLevel; l != nil && (*l < 1 || *l > 3) {
		return talk.Fail(talk.Invalid, "level")
	}
	if l := o.NotificationCalls; l != nil && (*l < 0 || *l > 1) {
		return talk.Fail(talk.Invalid, "level")
	}
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		Assign(&c.Me.Favorite, o.Favorite)
		Assign(&c.Me.Archived, o.Archived)
		Assign(&c.Me.Important, o.Important)
		Assign(&c.Me.Sensitive, o.Sensitive)
		Assign(&c.Me.NotificationLevel, o.NotificationLevel)
		Assign(&c.Me.NotificationCalls, o.NotificationCalls)
		return c.SaveOwn(&c.Me.Attendee)
	})
}

// Assign changes a field if there is a new value.
func Assign[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}
