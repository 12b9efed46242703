// Package chat has the endpoints of chat:
// route rows, wire structs and thin handlers.
package chat

import (
	"parley/internal/app"
)

// API holds the handlers.
type API struct {
	app *app.App
}

// New returns the handlers over the use cases.
func New(a *app.App) *API { return &API{app: a} }
