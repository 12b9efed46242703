package avatar

import (
	"context"

	"parley/internal/db"
	"parley/internal/picture"
	"parley/internal/room"
	"parley/internal/store/pictures"
	"parley/internal/talk"
)

// OfRoom returns the picture of a conversation for those who are in it or can find it. Failure:
// NotFound.
func (svc *Service) OfRoom(ctx context.Context, s room.Scope, dark bool) (a *Avatar, err error) {
	err = svc.rooms.Inspect(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		if f.Room == nil || f.Me == nil && !f.Room.ListedFor(s.Caller) {
			return talk.Fail(talk.NotFound, "")
		}
		a, err = svc.ofRoom(tx, f.Room, s.Caller, dark)
		return err
	})
	return a, err
}

func (svc *Service) ofRoom(tx *db.Tx, r *talk.Room, reader talk.Caller, dark bool) (*Avatar, error) {
	if r.AvatarPicture != "" {
		p, err := pictures.OfRoom(tx, r.ID)
		if err == nil {
			return uploaded(p, Large)
		}
		if !db.IsNone(err) {
			return nil, err
		}
	}
	if partner, ok := talk.PairPartner(r.Name, reader.UserID); ok && r.Type == talk.OneToOne {
		a, err := svc.ofAccount(tx, partner, Large, dark)
		if !talk.IsKind(err, talk.NotFound) {
			return a, err
		}
	}
	p, custom := drawnOf(r, dark), false
	if r.AvatarEmoji != "" {
		p, custom = picture.OfEmoji(r.AvatarEmoji, r.AvatarColor, dark), true
	}
	return &Avatar{Picture: p, Version: digest(string(p.Content)), Custom: custom}, nil
}

// drawnOf is the picture of a conversation that has none, by what it is for.
func drawnOf(r *talk.Room, dark bool) picture.Picture {
	symbol := picture.People
	switch {
	case r.ObjectType == talk.ObjectEvent:
		symbol = picture.Event
	case r.ObjectType == talk.ObjectPhone, r.ObjectType == talk.ObjectPhonePersist, r.ObjectType == talk.ObjectPhoneTemporary:
		symbol = picture.Phone
	case r.ObjectType == talk.ObjectEmails:
		symbol = picture.Mail
	case r.ObjectType == talk.ObjectVideoVerification:
		symbol = picture.Padlock
	case r.IsOneToOne():
		symbol = picture.Person
	case r.Type == talk.Public:
		symbol = picture.Link
	}
	return picture.OfSymbol(symbol, dark)
}

// SetPicture makes an uploaded picture that of the conversation. Failures: Invalid with a
// message for people.
func (svc *Service) SetPicture(ctx context.Context, s room.Scope, content []byte) error {
	p, err := svc.read(ctx, content)
	if err != nil {
		return err
	}
	return svc.change(ctx, s, talk.AvatarSet, func(c *room.Change) error {
		c.Room.AvatarEmoji, c.Room.AvatarColor, c.Room.AvatarPicture = "", "", p.Version
		return pictures.SetOfRoom(c.Tx, c.Room.ID, p)
	})
}

// SetEmoji makes an emoji on a colour the picture of the conversation; no colour is the usual
// one. Failures: Invalid with a message for people.
func (svc *Service) SetEmoji(ctx context.Context, s room.Scope, emoji, colour string) error {
	return svc.change(ctx, s, talk.AvatarSet, func(c *room.Change) error {
		if err := talk.CheckEmojiPicture(emoji, colour); err != nil {
			return err
		}
		c.Room.AvatarEmoji, c.Room.AvatarColor, c.Room.AvatarPicture = emoji, colour, ""
		return pictures.RemoveOfRoom(c.Tx, c.Room.ID)
	})
}

// Remove takes the picture of the conversation away, if it has one.
func (svc *Service) Remove(ctx context.Context, s room.Scope) error {
	return svc.change(ctx, s, talk.AvatarRemoved, func(c *room.Change) error {
		c.Room.AvatarEmoji, c.Room.AvatarColor, c.Room.AvatarPicture = "", "", ""
		return pictures.RemoveOfRoom(c.Tx, c.Room.ID)
	})
}

// change changes the picture of a conversation that may have one, and says so if it did.
func (svc *Service) change(ctx context.Context, s room.Scope, said talk.SystemKey, f func(*room.Change) error) error {
	return svc.rooms.Change(ctx, s, func(c *room.Change) error {
		if err := c.Room.CanSetPicture(); err != nil {
			return err
		}
		had := c.Room.HasPicture()
		if err := f(c); err != nil {
			return err
		}
		if said == talk.AvatarRemoved && !had {
			return nil
		}
		if err := c.SaveRoom(talk.EventSettings); err != nil {
			return err
		}
		return c.PostSystem(said)
	})
}
