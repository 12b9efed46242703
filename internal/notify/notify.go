// Package notify tells accounts what happened in their conversations, until they have
// seen it: it records notifications with each change, and shows and dismisses them.
package notify

import (
	"cmp"
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"parley/internal/db"
	"parley/internal/outbound"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/webpush"
)

// Limits of lists.
const (
	// MaxListed is how many notifications a list shows.
	MaxListed = 25
	// MaxAsked is how many ids one may ask for.
	MaxAsked = 200
)

// Options are what a Service is made of.
type Options struct {
	Store  *db.DB
	Pusher store.Pusher
	// Client reaches push services.
	Client *outbound.Client
	// Address is where people reach the server. Push services see it.
	Address string
	Now     func() time.Time
}

// Service shows and dismisses notifications, and has apps told of them. It is safe for
// concurrent use.
type Service struct {
	store   *db.DB
	pusher  store.Pusher
	client  *outbound.Client
	address string
	now     func() time.Time
	// key is what push services recognise the server by, nil before it was needed.
	key atomic.Pointer[webpush.ServerKey]
}

// New returns a Service.
func New(o Options) *Service {
	return &Service{store: o.Store, pusher: o.Pusher, client: o.Client, address: o.Address, now: o.Now}
}

// Item is a notification as its account reads it.
type Item struct {
	store.RoomNotification
	// RoomName is what the conversation is called for the account.
	RoomName string
	// Message is the one that it is about, nil without one, or when it must not be told.
	Message *talk.Rendered
}

// Object returns the type of what it is about and the name of that, which is a token alone
// when no more must be told.
func (i *Item) Object() (kind, id string) {
	id = i.Room.Token
	if i.MessageID != 0 && !i.Sensitive() {
		id += "/" + strconv.FormatInt(i.MessageID, 10)
	}
	switch {
	case i.Subject.IsCall():
		kind = "call"
	case i.MessageID == 0:
		kind = "room"
	case i.Subject == talk.NotifiedReminder:
		kind = "reminder"
	default:
		kind = "chat"
	}
	return kind, id
}

// Wording is what it says, with placeholders, and the names that those stand for.
func (i *Item) Wording() (text string, names map[string]string) {
	if i.Sensitive() {
		return talk.SensitiveWording, nil
	}
	text, names = talk.NotificationWording(i.Subject, &i.Room), map[string]string{"call": i.RoomName}
	if i.Subject.IsCall() && !i.Room.IsOneToOne() {
		return text, names // whoever began it calls for all of them
	}
	switch i.Subject {
	case talk.NotifiedReaction:
		names["reaction"] = i.Detail
	case talk.NotifiedGroup:
		names["group"] = i.Detail
	case talk.NotifiedTeam:
		names["team"] = i.Detail
	}
	if i.Actor.Type == talk.ActorUsers {
		names["user"] = i.ActorName
		return text, names
	}
	names["guest"] = cmp.Or(i.ActorName, "Guest")
	return strings.ReplaceAll(text, "{user}", "{guest}"), names
}

// Text is what it says.
func (i *Item) Text() string {
	text, names := i.Wording()
	pairs := make([]string, 0, 2*len(names))
	for key, name := range names {
		pairs = append(pairs, "{"+key+"}", name)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Sensitive reports whether it must not tell what it is about.
func (i *Item) Sensitive() bool { return i.Me.Sensitive && i.MessageID != 0 }

// List returns the newest notifications of the caller, and how they want to be seen: apps
// are quiet for those who do not want to be disturbed.
func (svc *Service) List(ctx context.Context, caller talk.Caller) (items []Item, as talk.Availability, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		found, err := store.NotificationsOf(tx, caller.UserID, MaxListed)
		if err != nil {
			return err
		}
		if items, err = itemsOf(tx, caller, found); err != nil {
			return err
		}
		own, err := store.Status(tx, caller.UserID)
		if db.IsNone(err) {
			own, err = talk.Status{Availability: talk.Offline}, nil
		}
		as = own.At(tx.Now()).Availability
		return err
	})
	return items, as, err
}

// Item returns a notification of the caller. Failure: NotFound.
func (svc *Service) Item(ctx context.Context, caller talk.Caller, id int64) (item *Item, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		found, err := store.NotificationOf(tx, caller.UserID, id)
		if db.IsNone(err) {
			return talk.Fail(talk.NotFound, "")
		}
		if err != nil {
			return err
		}
		items, err := itemsOf(tx, caller, []store.RoomNotification{found})
		if err == nil {
			item = &items[0]
		}
		return err
	})
	return item, err
}

// itemsOf shows notifications to their account.
func itemsOf(tx *db.Tx, caller talk.Caller, found []store.RoomNotification) ([]Item, error) {
	items, err := namedItems(tx, caller.UserID, found)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for i := range items {
		if items[i].MessageID != 0 && !items[i].Sensitive() {
			ids = append(ids, items[i].MessageID)
		}
	}
	messages, err := store.Messages(tx, ids)
	if err != nil {
		return nil, err
	}
	byID := map[int64]*store.NamedMessage{}
	for i := range messages {
		byID[messages[i].ID] = &messages[i]
	}
	for i := range items {
		item := &items[i]
		if m := byID[item.MessageID]; m != nil && !m.Expired(tx.Now()) {
			shown := m.Render(talk.Reader{Viewer: caller.Actor(), Room: &item.Room, RoomName: item.RoomName})
			item.Message = &shown
		}
	}
	return items, nil
}

// namedItems has notifications with what conversations are called for an account, and without
// messages.
func namedItems(tx *db.Tx, userID string, found []store.RoomNotification) ([]Item, error) {
	items := make([]Item, len(found))
	var partners []string
	for i := range found {
		items[i] = Item{RoomNotification: found[i], RoomName: found[i].Room.Name}
		if partner, ok := talk.PairPartner(found[i].Room.Name, userID); ok && found[i].Room.IsOneToOne() {
			items[i].RoomName = partner
			partners = append(partners, partner)
		}
	}
	names, err := store.Names(tx, partners)
	for i := range items {
		if name, known := names[items[i].RoomName]; known && items[i].Room.IsOneToOne() {
			items[i].RoomName = name
		}
	}
	return items, err
}

// Existing returns those of the ids that are notifications of the caller. Failure: Invalid
// for too many.
func (svc *Service) Existing(ctx context.Context, caller talk.Caller, ids []int64) (out []int64, err error) {
	if len(ids) > MaxAsked {
		return nil, talk.Fail(talk.Invalid, "")
	}
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		out, err = store.NotificationsAmong(tx, caller.UserID, ids)
		return err
	})
	return out, err
}

// Dismiss removes a notification of the caller, also one that is gone already. Failure:
// NotFound for the id 0, which none has.
func (svc *Service) Dismiss(ctx context.Context, caller talk.Caller, id int64) error {
	if id == 0 {
		return talk.Fail(talk.NotFound, "")
	}
	return svc.store.Write(ctx, func(tx *db.Tx) error { return svc.pusher.DismissNotification(tx, caller.UserID, id) })
}

// DismissAll removes all notifications of the caller.
func (svc *Service) DismissAll(ctx context.Context, caller talk.Caller) error {
	return svc.store.Write(ctx, func(tx *db.Tx) error { return svc.pusher.DismissNotifications(tx, caller.UserID) })
}
