// Package notifications has the endpoints of notifications: route rows, wire structs and
// thin handlers.
package notifications

import (
	"parley/internal/notify"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// API holds the handlers.
type API struct{ notify *notify.Service }

// New returns the handlers over the use cases.
func New(n *notify.Service) *API { return &API{notify: n} }

// Table is the route table with its documentation.
func (a *API) Table() ocs.Table {
	return ocs.Table{Rows: a.rows(), Topics: []ocs.Topic{{Name: "Notifications", Operations: docs()}}, Vague: vague()}
}

func (a *API) rows() []ocs.Route {
	row := ocs.PlatformRow
	const login, root = ocs.Login, "/apps/notifications/api/v2/notifications"
	return []ocs.Route{
		row("GET "+root, login, ocs.Plain(a.listNotifications)),
		row("DELETE "+root, login, ocs.Plain(a.dismissAll)),
		row("POST "+root+"/exists", login, ocs.With(a.existing)),
		row("GET "+root+"/{notificationId}", login, ocs.Plain(a.getNotification)),
		row("DELETE "+root+"/{notificationId}", login, ocs.Plain(a.dismiss)),
	}
}

func docs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"listNotifications": {
			Summary: "List what the caller has not seen yet", Answers: ocs.Same([]notification{}), Also: []int{ocs.StatusNotModified},
		},
		"getNotification": {Summary: "Get a notification", Answers: ocs.Same(notification{})},
		"dismiss":         {Summary: "Dismiss a notification", Fails: []talk.Kind{talk.NotFound}},
		"dismissAll":      {Summary: "Dismiss all notifications"},
		"existing":        {Summary: "Tell which of some notifications are still there", Answers: ocs.Same([]int64{})},
	}
}
