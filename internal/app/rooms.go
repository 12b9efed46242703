package app

import (
	"context"
	"errors"
	"fmt"

	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/talk"
)

// insertRoom stores a conversation under a new token.
func insertRoom(tx *db.Tx, s *Settings, room *talk.Room) error {
	for length := s.TokenLength; length <= maxTokenLength; length++ {
		room.Token = s.newToken(length)
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
func (a *App) DeleteRoom(ctx context.Context, s Scope) error {
	return a.change(ctx, s, func(c *change) error {
		if c.room.IsOneToOne() && !c.settings.DeleteOneToOne {
			return talk.Fail(talk.Invalid, "")
		}
		return c.end()
	})
}

// end deletes the conversation and its breakout rooms.
func (c *change) end() error {
	err := c.inBreakouts(func(b *change) error { return store.DeleteRoom(b.Tx, b.room) })
	if err != nil {
		return err
	}
	return store.DeleteRoom(c.Tx, c.room)
}

// setting is a change of one property of a conversation: allowed says whether
// the property may change at all, apply sets it and names the system message
// that tells so, none for a property that changes silently or not.
type setting struct {
	allowed func(*talk.Room) error
	apply   func(*talk.Room, *Settings) (changed bool, message talk.Message, err error)
	// same skips allowed when the property has the wanted value already.
	same func(*talk.Room) bool
}

func (a *App) set(ctx context.Context, s Scope, p setting) error {
	return a.change(ctx, s, func(c *change) error {
		if p.same != nil && p.same(c.room) {
			return nil
		}
		if err := p.allowed(c.room); err != nil {
			return err
		}
		changed, message, err := p.apply(c.room, c.settings)
		if err != nil || !changed {
			return err
		}
		if err := store.UpdateRoom(c.Tx, c.room); err != nil || message.System == "" {
			return err
		}
		message.Actor = c.actor()
		return c.post(message)
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
func (a *App) Rename(ctx context.Context, s Scope, name string) error {
	return a.set(ctx, s, setting{
		allowed: (*talk.Room).CanRename,
		apply: func(r *talk.Room, _ *Settings) (bool, talk.Message, error) {
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
func (a *App) SetDescription(ctx context.Context, s Scope, text string) error {
	return a.set(ctx, s, setting{
		allowed: func(r *talk.Room) error {
			if r.ObjectType == talk.ObjectEvent {
				return talk.Fail(talk.Invalid, "event")
			}
			return nil
		},
		apply: func(r *talk.Room, _ *Settings) (bool, talk.Message, error) {
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
func (a *App) SetReadOnly(ctx context.Context, s Scope, state int) error {
	return a.set(ctx, s, setting{
		same:    func(r *talk.Room) bool { return r.ReadOnly == state },
		allowed: (*talk.Room).CanReconfigure,
		apply: func(r *talk.Room, _ *Settings) (bool, talk.Message, error) {
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
func (a *App) SetListable(ctx context.Context, s Scope, scope talk.Listable) error {
	return a.set(ctx, s, setting{
		same:    func(r *talk.Room) bool { return r.Listable == scope },
		allowed: (*talk.Room).CanChangeAccess,
		apply: func(r *talk.Room, _ *Settings) (bool, talk.Message, error) {
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
func (a *App) SetMentionPermissions(ctx context.Context, s Scope, who int) error {
	return a.set(ctx, s, setting{
		same:    func(r *talk.Room) bool { return r.MentionPermissions == who },
		allowed: (*talk.Room).CanChangeAccess,
		apply: func(r *talk.Room, _ *Settings) (bool, talk.Message, error) {
			r.MentionPermissions = who
			return true, talk.Message{}, oneOf(who, 1)
		},
	})
}

// SetMessageExpiration changes after how many seconds messages vanish, 0 for
// never. Failures: Invalid breakout-room, type, value.
func (a *App) SetMessageExpiration(ctx context.Context, s Scope, seconds int64) error {
	return a.set(ctx, s, setting{
		allowed: func(r *talk.Room) error {
			switch {
			case r.IsBreakout():
				return talk.Fail(talk.Invalid, "breakout-room")
			case r.Type == talk.FormerOneToOne:
				return talk.Fail(talk.Invalid, "type")
			}
			return nil
		},
		apply: func(r *talk.Room, _ *Settings) (bool, talk.Message, error) {
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
func (a *App) SetPassword(ctx context.Context, s Scope, password string) error {
	hash, err := a.hashRoomPassword(ctx, password)
	if err != nil {
		return err
	}
	return a.set(ctx, s, setting{
		allowed: func(r *talk.Room) error {
			if r.Type != talk.Public {
				return talk.Fail(talk.Invalid, "type")
			}
			return r.CanChangeAccess()
		},
		apply: func(r *talk.Room, server *Settings) (bool, talk.Message, error) {
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
func (a *App) hashRoomPassword(ctx context.Context, password string) (string, error) {
	if password == "" {
		return "", nil
	}
	hash, err := a.hasher.Hash(ctx, password)
	if errors.Is(err, secret.ErrPasswordTooLong) {
		return "", &talk.Error{Kind: talk.Invalid, Reason: "value", Message: "The password is too long.", Err: err}
	}
	return hash, err
}

// AllowGuests makes a conversation public; a conversation that is public
// already stays as it is, password included. Failures: Invalid password (none
// given though the administrator demands one), type, breakout-room.
func (a *App) AllowGuests(ctx context.Context, s Scope, password string) error {
	hash, err := a.hashRoomPassword(ctx, password)
	if err != nil {
		return err
	}
	return a.change(ctx, s, func(c *change) error {
		if c.settings.ForcePasswords && password == "" {
			return passwordRequired("password")
		}
		if c.room.Type == talk.Public {
			return nil
		}
		if err := c.room.CanChangeType(); err != nil {
			return err
		}
		return c.makePublic(hash)
	})
}

// checkPassword demands a password, given now or kept from before, for what
// becomes public where the administrator does. Failure: Invalid "password".
func (c *change) checkPassword(hash string) error {
	if c.settings.ForcePasswords && hash == "" && !c.room.HasPassword() {
		return passwordRequired("password")
	}
	return nil
}

// makePublic opens the conversation to guests, who need a password if there is
// a hash. Failure: that of checkPassword.
func (c *change) makePublic(hash string) error {
	if err := c.checkPassword(hash); err != nil {
		return err
	}
	c.room.Type = talk.Public
	if hash != "" {
		c.room.PasswordHash = hash
	}
	if err := store.UpdateRoom(c.Tx, c.room); err != nil {
		return err
	}
	if err := c.say(talk.GuestsAllowed); err != nil || hash == "" {
		return err
	}
	return c.say(talk.PasswordSet)
}

// DisallowGuests makes a conversation private: everybody without a permanent
// place is removed. Failures: Invalid type, breakout-room.
func (a *App) DisallowGuests(ctx context.Context, s Scope) error {
	return a.change(ctx, s, func(c *change) error {
		if c.room.Type == talk.Group {
			return nil
		}
		if err := c.room.CanChangeType(); err != nil {
			return err
		}
		c.room.Type = talk.Group
		if err := store.UpdateRoom(c.Tx, c.room); err != nil {
			return err
		}
		if err := store.DeleteAttendeesOfRoles(c.Tx, c.room, talk.GuestRole, talk.SelfJoined, talk.GuestModerator); err != nil {
			return err
		}
		return c.say(talk.GuestsDisallowed)
	})
}

// Unbind frees the conversation from the event, meeting or telephone call that
// it was made for. Failure: Invalid object-type.
func (a *App) Unbind(ctx context.Context, s Scope) error {
	return a.set(ctx, s, setting{
		allowed: (*talk.Room).CanUnbind,
		apply: func(r *talk.Room, _ *Settings) (bool, talk.Message, error) {
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
func (a *App) SetOwn(ctx context.Context, s Scope, o OwnSettings) error {
	if l := o.NotificationLevel; l != nil && (*l < 1 || *l > 3) {
		return talk.Fail(talk.Invalid, "level")
	}
	if l := o.NotificationCalls; l != nil && (*l < 0 || *l > 1) {
		return talk.Fail(talk.Invalid, "level")
	}
	return a.change(ctx, s, func(c *change) error {
		assign(&c.me.Favorite, o.Favorite)
		assign(&c.me.Archived, o.Archived)
		assign(&c.me.Important, o.Important)
		assign(&c.me.Sensitive, o.Sensitive)
		assign(&c.me.NotificationLevel, o.NotificationLevel)
		assign(&c.me.NotificationCalls, o.NotificationCalls)
		return store.UpdateAttendee(c.Tx, &c.me.Attendee)
	})
}

func assign[T any](field, value *T) {
	if value != nil {
		*field = *value
	}
}
