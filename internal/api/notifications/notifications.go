package notifications

import (
	"crypto/md5" //nolint:gosec // a fingerprint that clients compare, nothing is protected by it
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"parley/internal/api/wire"
	"parley/internal/notify"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// notification is a notification on the wire
type notification struct {
	NotificationID        int64    `json:"notification_id"`
	App                   string   `json:"app"`
	User                  string   `json:"user"`
	Datetime              string   `json:"datetime"`
	ObjectType            string   `json:"object_type"`
	ObjectID              string   `json:"object_id"`
	Subject               string   `json:"subject"`
	Message               string   `json:"message"`
	Link                  string   `json:"link"`
	SubjectRich           string   `json:"subjectRich"`
	SubjectRichParameters any      `json:"subjectRichParameters"`
	MessageRich           string   `json:"messageRich"`
	MessageRichParameters any      `json:"messageRichParameters"`
	Icon                  string   `json:"icon"`
	ShouldNotify          bool     `json:"shouldNotify"`
	Actions               []action `json:"actions"`
}

// action is what one can do with a notification.
type action struct {
	Label   string `json:"label"`
	Link    string `json:"link"`
	Type    string `json:"type"`
	Primary bool   `json:"primary"`
}

// vague are examples of the types that are vague by themselves.
func vague() map[reflect.Type]any {
	objects := ocs.OneOf{map[string]talk.RichObject{}, []any{}}
	return map[reflect.Type]any{
		reflect.TypeFor[notification](): notification{SubjectRichParameters: objects, MessageRichParameters: objects},
	}
}

// dateForm is ISO 8601 with an offset.
const dateForm = "2006-01-02T15:04:05-07:00"

func newNotification(base string, i *notify.Item) notification {
	at := wire.PlaceOf(base, &i.Room)
	out := notification{
		NotificationID: i.ID, App: "spreed", User: i.UserID, Datetime: time.Unix(i.CreatedAt, 0).UTC().Format(dateForm),
		Subject: i.Text(), Link: base + "/call/" + i.Room.Token, Icon: base + "/icon.svg", ShouldNotify: true,
		SubjectRichParameters: []any{}, MessageRichParameters: []any{},
	}
	out.ObjectType, out.ObjectID = i.Object()
	if i.MessageID != 0 {
		out.Link = fmt.Sprintf("%s#message_%d", out.Link, i.MessageID)
	}
	text, names := i.Wording()
	out.SubjectRich = text
	if names != nil {
		out.SubjectRichParameters = objectsOf(at, i, names)
	}
	if m := i.Message; m != nil {
		out.MessageRich, out.MessageRichParameters = m.Wording, at.Objects(m.Objects)
		out.Message = plain(m.Wording, m.Objects)
	}
	out.Actions = []action{actionOf(i, out.Link)}
	return out
}

// actionOf is what one can do about a notification that leads to a link. Invitations and calls
// that run are answered at once, by the call of the conversation if there is one.
func actionOf(i *notify.Item, link string) action {
	switch {
	case i.Subject == talk.NotifiedMissedCall:
		return action{Label: "Call back", Link: link, Type: "WEB", Primary: true}
	case i.MessageID == 0 && i.Room.HasCall():
		return action{Label: "Join call", Link: link + "#direct-call", Type: "WEB", Primary: true}
	}
	return action{Label: "View chat", Link: link, Type: "WEB"}
}

// objectsOf are what the placeholders of a notification stand for.
func objectsOf(at wire.Place, i *notify.Item, names map[string]string) map[string]talk.RichObject {
	objects := make(map[string]talk.RichObject, len(names))
	for key, name := range names {
		o := talk.RichObject{"name": name}
		switch key {
		case "call":
			o["type"], o["id"] = talk.ObjectTypeCall, strconv.FormatInt(i.Room.ID, 10)
			o["call-type"], o["icon-url"] = i.Room.CallType(), at.Picture
		case "reaction":
			o["type"], o["id"] = "highlight", name
		case "group":
			o["type"], o["id"] = "user-group", name
		case "team":
			o["type"], o["id"] = "circle", name
		case "user":
			o["type"], o["id"] = "user", i.Actor.ID
		case "guest":
			o["type"], o["id"] = "guest", "guest/"+i.Actor.ID
		}
		objects[key] = o
	}
	return objects
}

// plain is a message with names in the place of placeholders; people have an "@" before
// theirs.
func plain(text string, objects map[string]talk.RichObject) string {
	pairs := make([]string, 0, 2*len(objects))
	for key, o := range objects {
		name := o["name"]
		if o["type"] == "user" || o["type"] == "guest" || o["type"] == "email" {
			name = "@" + name
		}
		pairs = append(pairs, "{"+key+"}", name)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (a *API) listNotifications(c *ocs.Call) (any, error) {
	items, as, err := a.notify.List(c.Context(), c.Caller())
	if err != nil {
		return nil, err
	}
	out := make([]notification, len(items))
	sum := md5.New() //nolint:gosec // see the import
	for i := range items {
		out[i] = newNotification(c.BaseURL(), &items[i])
		fmt.Fprintf(sum, "%d,", items[i].ID)
	}
	tag := `"` + hex.EncodeToString(sum.Sum(nil)) + `"`
	c.Header.Set("ETag", tag)
	c.Header.Set("X-Nextcloud-User-Status", string(as))
	if c.Request.Header.Get("If-None-Match") == tag {
		c.Status = ocs.StatusNotModified
		return nil, nil
	}
	return out, nil
}

func (a *API) getNotification(c *ocs.Call) (any, error) {
	item, err := a.notify.Item(c.Context(), c.Caller(), notificationID(c))
	if err != nil {
		return nil, withoutData(err)
	}
	return newNotification(c.BaseURL(), item), nil
}

func (a *API) dismiss(c *ocs.Call) (any, error) {
	return nil, withoutData(a.notify.Dismiss(c.Context(), c.Caller(), notificationID(c)))
}

func (a *API) dismissAll(c *ocs.Call) (any, error) {
	return nil, a.notify.DismissAll(c.Context(), c.Caller())
}

type existingParams struct {
	IDs []string `param:"ids;required"`
}

func (a *API) existing(c *ocs.Call, in existingParams) (any, error) {
	ids := make([]int64, len(in.IDs))
	for i, text := range in.IDs {
		ids[i] = ocs.LeadingInt(text)
	}
	out, err := a.notify.Existing(c.Context(), c.Caller(), ids)
	return append([]int64{}, out...), err
}

// withoutData makes the answer to a failure have null for data.
func withoutData(err error) error {
	if talk.IsKind(err, talk.NotFound) {
		return &ocs.DataError{Kind: talk.NotFound, Err: err}
	}
	return err
}

func notificationID(c *ocs.Call) int64 { return ocs.LeadingInt(c.Value("notificationId")) }
