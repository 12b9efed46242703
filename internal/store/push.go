package store

import (
	"slices"
	"strconv"

	"parley/internal/db"
	"parley/internal/store/deliveries"
)

// PushKind is the kind of deliveries to push services.
const PushKind = "webpush"

// What a push tells, the first word of the payload of a delivery. The number of the
// subscription and that of the notification follow.
const (
	PushNew      = "new"
	PushGone     = "gone"
	PushAllGone  = "all-gone"
	PushActivate = "activate"
	PushTest     = "test"
)

// PushSubscription is an app that is told of notifications by a push service.
type PushSubscription struct {
	ID     int64
	UserID string
	// AppPasswordID is the credential of the app. The subscription goes with it.
	AppPasswordID int64
	// Endpoint is where the push service takes messages for the app, and Service scheme and
	// host of that.
	Endpoint, Service string
	// Key and Secret are those of the app, in base64url.
	Key, Secret string
	// AppTypes is what the app wants to be told of, as it said it; Wanted tells whether
	// conversations are among that.
	AppTypes string
	Wanted   bool
	// ActivationToken proves that the app can read what is pushed. Nothing but it is
	// pushed before it is Active.
	ActivationToken string
	Active          bool
	CreatedAt       int64
}

var pushTable = columns[PushSubscription]{"push_subscriptions", "p", []column[PushSubscription]{
	{"id", func(p *PushSubscription) any { return &p.ID }, 0},
	{"user_id", func(p *PushSubscription) any { return &p.UserID }, inserted},
	{"app_password_id", func(p *PushSubscription) any { return &p.AppPasswordID }, inserted},
	{"endpoint", func(p *PushSubscription) any { return &p.Endpoint }, inserted},
	{"service", func(p *PushSubscription) any { return &p.Service }, inserted},
	{"app_key", func(p *PushSubscription) any { return &p.Key }, inserted},
	{"app_secret", func(p *PushSubscription) any { return &p.Secret }, inserted},
	{"app_types", func(p *PushSubscription) any { return &p.AppTypes }, inserted},
	{"wanted", func(p *PushSubscription) any { return &p.Wanted }, inserted},
	{"activation_token", func(p *PushSubscription) any { return &p.ActivationToken }, inserted},
	{"active", func(p *PushSubscription) any { return &p.Active }, inserted},
	{"created_at", func(p *PushSubscription) any { return &p.CreatedAt }, inserted},
}}

// PushSubscriptionOf returns the subscription of an app password, or ErrNotFound.
func PushSubscriptionOf(tx *db.Tx, appPassword int64) (p PushSubscription, err error) {
	err = tx.QueryRow(pushTable.fields(&p), "SELECT "+pushTable.selected()+" FROM push_subscriptions p WHERE p.app_password_id = $1", appPassword)
	return p, err
}

// PushSubscriptionByID returns a subscription, or ErrNotFound.
func PushSubscriptionByID(tx *db.Tx, id int64) (p PushSubscription, err error) {
	err = tx.QueryRow(pushTable.fields(&p), "SELECT "+pushTable.selected()+" FROM push_subscriptions p WHERE p.id = $1", id)
	return p, err
}

// PushSubscriptionsOf returns the subscriptions of an account in the order of their ids.
func PushSubscriptionsOf(tx *db.Tx, userID string) ([]PushSubscription, error) {
	return db.Collect(tx, pushTable.scan, "SELECT "+pushTable.selected()+" FROM push_subscriptions p WHERE p.user_id = $1 ORDER BY p.id", userID)
}

// ReplacePushSubscription stores a subscription in the place of the one that the app
// password has, and sets its id. Only the newest of an account are kept, up to most.
func ReplacePushSubscription(tx *db.Tx, p *PushSubscription, most int) error {
	if err := tx.Run("DELETE FROM push_subscriptions WHERE app_password_id = $1", p.AppPasswordID); err != nil {
		return err
	}
	p.CreatedAt = tx.Now()
	if err := tx.Insert(&p.ID, pushTable.insert()+" RETURNING id", pushTable.values(inserted, p)...); err != nil {
		return err
	}
	return tx.Run(`DELETE FROM push_subscriptions WHERE user_id = $1 AND id NOT IN
		(SELECT id FROM push_subscriptions WHERE user_id = $1 ORDER BY id DESC LIMIT $2)`, p.UserID, most)
}

// DeletePushSubscription removes a subscription.
func DeletePushSubscription(tx *db.Tx, id int64) error {
	return tx.Run("DELETE FROM push_subscriptions WHERE id = $1", id)
}

// ActivatePush has notifications pushed to a subscription. The first one of all makes new
// settings, see [PushUsed].
func ActivatePush(tx *db.Tx, id int64) error {
	if err := tx.Run("UPDATE push_subscriptions SET active = TRUE WHERE id = $1", id); err != nil {
		return err
	}
	_, err := Use(tx, pushUsed)
	return err
}

// pushUsed names the value that is there since a subscription was active for the first time.
const pushUsed = "push-used"

// PushUsed reports whether there has been an active subscription.
func PushUsed(tx *db.Tx) (bool, error) { return InUse(tx, pushUsed) }

// Pusher puts into the outbox what apps are told of notifications.
type Pusher struct {
	// Queued is called after the commit when there is something new to deliver, nil for
	// nobody.
	Queued func()
	// Idle is for servers of which no app wants to be told: nothing is asked.
	Idle bool
}

// enqueue puts pushes into the outbox: a query that goes on after FROM finds the subscriptions
// p and the numbers of the notifications.
func (p Pusher) enqueue(tx *db.Tx, what, notification, from string, args ...any) error {
	word := "CAST($" + strconv.Itoa(len(args)+1) + " AS TEXT)"
	return deliveries.EnqueueAll(tx, p.Queued, "SELECT '"+PushKind+"' AS kind, p.service AS destination, CAST(p.id AS TEXT) AS order_key, "+
		word+" || ' ' || p.id || ' ' || "+notification+" AS payload FROM "+from, append(slices.Clone(args), what)...)
}

// Push tells one subscription, also one that is not active.
func (p Pusher) Push(tx *db.Tx, what string, subscription int64) error {
	return p.enqueue(tx, what, "0", "push_subscriptions p WHERE p.id = $1", subscription)
}

// pushAllGone tells the apps of an account that has notifications to take them all away.
func (p Pusher) pushAllGone(tx *db.Tx, userID string) error {
	return p.enqueue(tx, PushAllGone, "0", `push_subscriptions p WHERE p.user_id = $1 AND p.active AND p.wanted
		AND EXISTS (SELECT 1 FROM notifications n WHERE n.user_id = p.user_id)`, userID)
}

// push tells apps of the notifications that meet a condition, which names its arguments
// from $1 on.
func (p Pusher) push(tx *db.Tx, what, condition string, args ...any) error {
	if p.Idle {
		return nil
	}
	return p.enqueue(tx, what, "n.id", `notifications n
		JOIN push_subscriptions p ON p.user_id = n.user_id AND p.active AND p.wanted WHERE `+condition, args...)
}
