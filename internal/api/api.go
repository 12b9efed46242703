// Package api joins the route tables of all endpoints to the API that a server serves
// and to the document that describes it.
package api

import (
	"context"
	"log/slog"

	"parley/internal/api/chat"
	"parley/internal/api/conversation"
	"parley/internal/api/directory"
	"parley/internal/api/platform"
	"parley/internal/api/wire"
	"parley/internal/app"
	"parley/internal/auth"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// Options are what an API is made of.
type Options struct {
	App  *app.App
	Auth *auth.Service
	Log  *slog.Logger
	// Place is the path on its host that the server is reached at, "" for all of it.
	Place string
}

// Tables are all route tables in the order of the document. Without use cases they are
// good for reading only.
func Tables(a *app.App, s *auth.Service) []ocs.Table {
	return []ocs.Table{
		conversation.New(a).Table(),
		chat.New(a).Table(),
		platform.New(a, s).Table(),
		directory.New(a, s).Table(),
	}
}

// New returns what serves everything below /ocs.
func New(o Options) *ocs.API {
	var rows []ocs.Route
	for _, t := range Tables(o.App, o.Auth) {
		rows = append(rows, t.Rows...)
	}
	return ocs.New(ocs.Options{Rows: rows, UseCases: useCases(o.App), Auth: o.Auth, Log: o.Log, Place: o.Place})
}

// OpenAPI describes the API of a server that is reached at the place on its host and
// has a cookie of this name.
func OpenAPI(place, cookie string) ([]byte, error) {
	about := ocs.About{Version: wire.TalkVersion, Place: place, Cookie: cookie, Glossary: glossary()}
	return ocs.OpenAPI(about, Tables(nil, nil))
}

// useCases are what the protocol itself asks.
func useCases(a *app.App) ocs.UseCases {
	return ocs.UseCases{
		Now: a.Now, Enter: a.Enter, Expects: a.Expects, Expect: a.Expect, TakesPart: a.TakesPart, Knew: a.Knew,
		IsAdmin: a.IsAdmin, ShowCookie: a.ShowCookie,
		OldestClients: func(ctx context.Context) (ocs.ClientVersions, error) {
			s, err := a.Settings(ctx)
			if err != nil {
				return ocs.ClientVersions{}, err
			}
			return ocs.ClientVersions{
				Android: s.MinimumAndroid, IOS: s.MinimumIOS, Desktop: s.MinimumDesktop,
				Consent: s.Consent() != talk.ConsentNo,
			}, nil
		},
	}
}
