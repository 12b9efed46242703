// Package notifications has the endpoints of notifications: route rows, wire structs and
// thin handlers.
package notifications

import (
	"parley/internal/auth"
	"parley/internal/notify"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// API holds the handlers.
type API struct {
	notify *notify.Service
	auth   *auth.Service
}

// New returns the handlers over the use cases.
func New(n *notify.Service, a *auth.Service) *API { return &API{n, a} }

// Table is the route table with its documentation.
func (a *API) Table() ocs.Table {
	return ocs.Table{Rows: a.rows(), Topics: []ocs.Topic{{Name: "Notifications", Operations: docs()}}, Vague: vague()}
}

func (a *API) rows() []ocs.Route {
	row := ocs.PlatformRow
	const login, app = ocs.Login, "/apps/notifications/api"
	const root, push = app + "/v2/notifications", app + "/v2/webpush"
	return []ocs.Route{
		row("GET "+root, login, ocs.Plain(a.listNotifications)),
		row("DELETE "+root, login, ocs.Plain(a.dismissAll)),
		row("POST "+root+"/exists", login, ocs.With(a.existing)),
		row("GET "+root+"/{notificationId}", login, ocs.Plain(a.getNotification)),
		row("DELETE "+root+"/{notificationId}", login, ocs.Plain(a.dismiss)),
		row("GET "+push+"/vapid", login, ocs.Plain(a.getPushKey)),
		row("POST "+push, login, ocs.With(a.subscribeToPush)),
		row("POST "+push+"/activate", login, ocs.With(a.activatePush)),
		row("DELETE "+push, login, ocs.Plain(a.unsubscribeFromPush)),
		row("POST "+app+"/v3/test/self", login, ocs.Plain(a.testPush)),
	}
}

func docs() map[string]ocs.Doc {
	refused := map[talk.Kind]any{talk.Invalid: pushMessage{}}
	return map[string]ocs.Doc{
		"listNotifications": {
			Summary: "List what the caller has not seen yet", Answers: ocs.Same([]notification{}), Also: []int{ocs.StatusNotModified},
		},
		"getNotification": {Summary: "Get a notification", Answers: ocs.Same(notification{})},
		"dismiss":         {Summary: "Dismiss a notification", Fails: []talk.Kind{talk.NotFound}},
		"dismissAll":      {Summary: "Dismiss all notifications"},
		"existing":        {Summary: "Tell which of some notifications are still there", Answers: ocs.Same([]int64{})},
		"getPushKey":      {Summary: "Get the key that an app gives to its push service (VAPID)", Answers: ocs.Same(pushKey{})},
		"subscribeToPush": {
			Summary: "Have an app with an app password told of notifications by its push service", Also: []int{ocs.StatusCreated},
			Fails: []talk.Kind{talk.TooOften}, FailsWith: refused,
		},
		"activatePush": {
			Summary: "Show that the app can read what is pushed to it", Also: []int{ocs.StatusAccepted},
			Fails: []talk.Kind{talk.NotFound}, FailsWith: refused,
		},
		"unsubscribeFromPush": {Summary: "End the pushing to an app", Also: []int{ocs.StatusAccepted}, FailsWith: refused},
		"testPush": {
			Summary: "Push something to all apps of the caller", Answers: ocs.Same(pushMessage{}),
			Fails: []talk.Kind{talk.TooOften}, FailsWith: refused,
		},
	}
}
