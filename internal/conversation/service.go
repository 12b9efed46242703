// Package conversation holds the use cases of conversations: making them, their
// settings, who takes part and how, sessions, bans, breakout rooms, telephones, and how
// they look to somebody. Each loads what it needs, asks the rules of package talk,
// changes the store and says what happened.
package conversation

import (
	"time"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/secret"
	"parley/internal/settings"
)

// Options are what a Service is made of.
type Options struct {
	Store    *db.DB
	Settings *settings.Service
	Rooms    *room.Service
	Hasher   *secret.Hasher
	Now      func() time.Time
	// MailQueued is called when there may be new mail to send; nil for nobody.
	MailQueued func()
}

// Service runs the use cases of conversations. It is safe for concurrent use.
type Service struct {
	store    *db.DB
	settings *settings.Service
	rooms    *room.Service
	hasher   *secret.Hasher
	now      func() time.Time
	// mailQueued tells that there may be new mail to send.
	mailQueued func()
}

// New returns a Service. Its sweeps have to run beside it on one node at least.
func New(o Options) *Service {
	if o.MailQueued == nil {
		o.MailQueued = func() {}
	}
	return &Service{
		store: o.Store, settings: o.Settings, rooms: o.Rooms, hasher: o.Hasher, now: o.Now, mailQueued: o.MailQueued,
	}
}
