// Package directory holds the use cases of accounts, groups and teams, of what accounts
// show of themselves, and of how they are found.
package directory

import (
	"time"

	"parley/internal/conversation"
	"parley/internal/db"
	"parley/internal/secret"
	"parley/internal/settings"
)

// Options are what a Service is made of.
type Options struct {
	Store         *db.DB
	Settings      *settings.Service
	Conversations *conversation.Service
	Hasher        *secret.Hasher
	Now           func() time.Time
	// PasswordMin is how many characters the password of an account has at least;
	// 0 switches all rules about passwords off.
	PasswordMin int
}

// Service runs the use cases of the directory. It is safe for concurrent use.
type Service struct {
	store         *db.DB
	settings      *settings.Service
	conversations *conversation.Service
	hasher        *secret.Hasher
	now           func() time.Time
	passwordMin   int
}

// New returns a Service.
func New(o Options) *Service {
	return &Service{
		store: o.Store, settings: o.Settings, conversations: o.Conversations, hasher: o.Hasher, now: o.Now,
		passwordMin: o.PasswordMin,
	}
}
