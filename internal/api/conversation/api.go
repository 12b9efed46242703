// Package conversation has the endpoints of conversations and who is in them:
// route rows, wire structs and thin handlers.
package conversation

import (
	"sync/atomic"

	"parley/internal/app"
)

// API holds the handlers.
type API struct {
	app *app.App
	// hashes are the values of the header for one state of the settings.
	hashes atomic.Pointer[talkHashes]
}

// New returns the handlers over the use cases.
func New(a *app.App) *API { return &API{app: a} }
