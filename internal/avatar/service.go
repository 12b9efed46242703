// Package avatar holds the use cases of the pictures of people and conversations: those that
// somebody chose, and those that are drawn for all others.
package avatar

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"parley/internal/cache"
	"parley/internal/db"
	"parley/internal/picture"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/store/pictures"
	"parley/internal/talk"
)

// Sides of pictures, in pixels.
const (
	Small = 64
	Large = picture.Side
)

// drawnBytes bounds what is remembered of drawn pictures.
const drawnBytes = 4 << 20

// Service shows and changes pictures. It is safe for concurrent use.
type Service struct {
	store  *db.DB
	rooms  *room.Service
	reader *picture.Reader
	// drawn are the pictures of those who have none, by what they show.
	drawn *cache.Cache[drawing, picture.Picture]
}

// drawing is what a drawn picture of somebody depends on.
type drawing struct {
	name string
	side int
	dark bool
}

// New returns a Service.
func New(st *db.DB, rooms *room.Service) *Service {
	return &Service{store: st, rooms: rooms, reader: picture.NewReader(), drawn: cache.New[drawing, picture.Picture](drawnBytes)}
}

// Avatar is a picture as it is shown.
type Avatar struct {
	picture.Picture
	// Version is another one for each picture.
	Version string
	// Custom tells that somebody chose it.
	Custom bool
}

// SideOf is the side of the picture that somebody gets who asks for one.
func SideOf(asked int64) int {
	if asked <= Small {
		return Small
	}
	return Large
}

// OfName draws the picture of somebody with a name.
func (svc *Service) OfName(name string, side int, dark bool) (*Avatar, error) {
	of := drawing{name, side, dark}
	p, ok := svc.drawn.Get(of)
	if !ok {
		var err error
		if p, err = picture.Letters(name, talk.Initials(name), side, dark); err != nil {
			return nil, err
		}
		svc.drawn.Put(of, p, len(p.Content)+len(name))
	}
	return &Avatar{Picture: p, Version: digest(fmt.Sprint(of))}, nil
}

// OfAccount returns the picture of an account. Failure: NotFound.
func (svc *Service) OfAccount(ctx context.Context, userID string, side int, dark bool) (a *Avatar, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		a, err = svc.ofAccount(tx, userID, side, dark)
		return err
	})
	return a, err
}

func (svc *Service) ofAccount(tx *db.Tx, userID string, side int, dark bool) (*Avatar, error) {
	account, err := store.AccountByID(tx, userID)
	if db.IsNone(err) {
		return nil, talk.Fail(talk.NotFound, "")
	}
	if err != nil {
		return nil, err
	}
	p, err := pictures.OfAccount(tx, account.UserID)
	if db.IsNone(err) {
		return svc.OfName(account.DisplayName, side, dark)
	}
	if err != nil {
		return nil, err
	}
	return uploaded(p, side)
}

func uploaded(p pictures.Picture, side int) (*Avatar, error) {
	out := &Avatar{Picture: picture.Picture{Type: p.Type, Content: p.Content}, Version: fmt.Sprint(p.Version, side), Custom: true}
	if side >= Large {
		return out, nil
	}
	small, err := picture.Small(out.Picture, side)
	out.Picture = small
	return out, err
}

// SetOwn makes an uploaded picture that of the caller. Failures: those of reading it.
func (svc *Service) SetOwn(ctx context.Context, caller talk.Caller, content []byte) error {
	p, err := svc.read(ctx, content)
	if err != nil {
		return err
	}
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		if err := store.LockAccount(tx, caller.UserID); err != nil {
			return err
		}
		return pictures.SetOfAccount(tx, caller.UserID, p)
	})
}

// RemoveOwn takes the picture of the caller away.
func (svc *Service) RemoveOwn(ctx context.Context, caller talk.Caller) error {
	return svc.store.Write(ctx, func(tx *db.Tx) error { return pictures.RemoveOfAccount(tx, caller.UserID) })
}

// read draws an uploaded picture anew. Failure: Invalid with a message for people.
func (svc *Service) read(ctx context.Context, content []byte) (out pictures.Picture, err error) {
	if len(content) == 0 {
		return out, refused("There is no picture in the request.", nil)
	}
	if len(content) > talk.MaxAvatar {
		return out, refused("The picture is larger than 12 megabytes.", nil)
	}
	p, err := svc.reader.Read(ctx, content)
	switch {
	case errors.Is(err, picture.ErrFormat):
		return out, refused("Only pictures as PNG, JPEG or WebP can be read.", err)
	case errors.Is(err, picture.ErrShape):
		return out, refused("The picture is not square.", err)
	case errors.Is(err, picture.ErrSize):
		return out, refused("The picture has more than 5,000 pixels on a side.", err)
	case err != nil:
		return out, err
	}
	return pictures.Picture{Version: digest(string(p.Content)), Type: p.Type, Content: p.Content}, nil
}

func refused(message string, err error) error {
	return &talk.Error{Kind: talk.Invalid, Reason: "picture", Message: message, Err: err}
}

// digest is a short text that is another one for something else.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
