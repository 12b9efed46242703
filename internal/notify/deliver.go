package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"parley/internal/db"
	"parley/internal/outbox"
	"parley/internal/store"
	"parley/internal/store/deliveries"
	"parley/internal/webpush"
)

const (
	// pushLife is how long the server tries to tell a push service of something, and how
	// long that keeps what the app cannot be told at once.
	pushLife = 24 * time.Hour
	// maxPushedText is how long the text of a push is, in characters.
	maxPushedText = 500
)

// Deliveries returns how push services are told: a few at a time, in order for each app,
// within about a day.
func (svc *Service) Deliveries() outbox.Kind {
	return outbox.Kind{
		Name: store.PushKind, Deliver: svc.deliver, Parallel: 8, Timeout: 15 * time.Second, FirstPause: 30 * time.Second,
		LongestPause: 2 * time.Hour, Rest: 30 * time.Second,
		// Their age ends them, so that none stays that was given up.
		MaxAttempts: math.MaxInt,
	}
}

// pushed is what an app reads.
type pushed struct {
	ID        int64  `json:"nid,omitempty"`
	App       string `json:"app,omitempty"`
	Subject   string `json:"subject,omitempty"`
	Type      string `json:"type,omitempty"`
	ObjectID  string `json:"id,omitempty"`
	Delete    bool   `json:"delete,omitempty"`
	DeleteAll bool   `json:"delete-all,omitempty"`
	// ActivationToken is in the first one, to which nothing else belongs.
	ActivationToken string `json:"activationToken,omitempty"`
}

// errNothing ends a delivery that has become pointless.
var errNothing = errors.New("there is nothing to tell")

// deliver tells an app of something by its push service.
func (svc *Service) deliver(ctx context.Context, d deliveries.Delivery) error {
	what, subscription, notification, err := parsePayload(d.Payload)
	if err != nil {
		return outbox.Refused(err)
	}
	var to store.PushSubscription
	var told pushed
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		if tx.Now()-d.CreatedAt > int64(pushLife/time.Second) {
			return errNothing
		}
		if to, err = store.PushSubscriptionByID(tx, subscription); err == nil {
			told, err = tell(tx, &to, what, notification)
		}
		return err
	})
	if db.IsNone(err) || errors.Is(err, errNothing) {
		return nil
	}
	if err != nil {
		return err
	}
	return svc.post(ctx, &to, told)
}

// parsePayload reads what a delivery is about.
func parsePayload(text string) (what string, subscription, notification int64, err error) {
	parts := strings.Fields(text)
	if len(parts) != 3 {
		return "", 0, 0, errors.New("the delivery cannot be read")
	}
	if subscription, err = strconv.ParseInt(parts[1], 10, 64); err != nil {
		return "", 0, 0, err
	}
	notification, err = strconv.ParseInt(parts[2], 10, 64)
	return parts[0], subscription, notification, err
}

// tell returns what an app is told. Failures: ErrNotFound and errNothing.
func tell(tx *db.Tx, to *store.PushSubscription, what string, notification int64) (pushed, error) {
	switch what {
	case store.PushActivate:
		return pushed{ActivationToken: to.ActivationToken}, nil
	case store.PushTest:
		return pushed{App: "admin_notification_talk", Subject: "Push notifications arrive", Type: "admin_notifications", ObjectID: "test"}, nil
	case store.PushGone:
		return pushed{ID: notification, Delete: true}, nil
	case store.PushAllGone:
		return pushed{DeleteAll: true}, nil
	case store.PushNew:
		return tellNew(tx, to.UserID, notification)
	}
	return pushed{}, errNothing
}

func tellNew(tx *db.Tx, userID string, notification int64) (pushed, error) {
	account, err := store.AccountByID(tx, userID)
	if err != nil {
		return pushed{}, err
	}
	if !account.Enabled {
		return pushed{}, errNothing
	}
	found, err := store.NotificationOf(tx, userID, notification)
	if err != nil {
		return pushed{}, err
	}
	status, err := store.Status(tx, userID)
	if err != nil && !db.IsNone(err) {
		return pushed{}, err
	}
	if err == nil && !status.At(tx.Now()).MayDisturb(&found.Me) {
		return pushed{}, errNothing
	}
	items, err := namedItems(tx, userID, []store.RoomNotification{found})
	if err != nil {
		return pushed{}, err
	}
	kind, object := items[0].Object()
	subject := []rune(items[0].Text())
	return pushed{
		ID: notification, App: "spreed", Subject: string(subject[:min(len(subject), maxPushedText)]), Type: kind, ObjectID: object,
	}, nil
}

// post sends a push. A subscription that its push service does not know any more ends.
func (svc *Service) post(ctx context.Context, to *store.PushSubscription, told pushed) error {
	text, err := json.Marshal(told)
	if err != nil {
		return outbox.Refused(err)
	}
	receiver, err := webpush.ParseReceiver(to.Key, to.Secret)
	if err != nil {
		return outbox.Refused(err)
	}
	body, err := receiver.Encrypt(text)
	if err != nil {
		return outbox.Refused(err)
	}
	key, err := svc.serverKey(ctx)
	if err != nil {
		return err
	}
	proof, err := key.Authorization(to.Endpoint, svc.address, svc.now())
	if err != nil {
		return outbox.Refused(err)
	}
	urgency := "high"
	if told.Delete || told.DeleteAll {
		urgency = "normal"
	}
	answer, err := svc.client.Post(ctx, to.Endpoint, map[string]string{
		"Authorization": proof, "Content-Type": "application/octet-stream", "Content-Encoding": "aes128gcm",
		"TTL": strconv.FormatInt(int64(pushLife/time.Second), 10), "Urgency": urgency,
	}, body)
	switch {
	case err != nil:
		return err
	case answer.Accepted():
		return nil
	case answer.Gone():
		return svc.end(ctx, to.ID)
	case answer.TooLarge():
		return nil // it never becomes smaller
	}
	return outbox.Refused(fmt.Errorf("the push service answered with status %d", answer.Status))
}

func (svc *Service) end(ctx context.Context, subscription int64) error {
	return svc.store.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error { return store.DeletePushSubscription(tx, subscription) })
}
