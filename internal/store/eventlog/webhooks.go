package eventlog

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/store/deliveries"
	"parley/internal/talk"
)

// WebhookKind is the kind of deliveries to webhooks.
const WebhookKind = "webhook"

const webhookColumns = "id, name, url, secret, kinds, active, failing_since, last_error, created_at"

func scanWebhook(row db.Row, w *talk.Webhook) error {
	var kinds string
	err := row.Scan(&w.ID, &w.Name, &w.URL, &w.Secret, &kinds, &w.Active, &w.FailingSince, &w.LastError, &w.CreatedAt)
	for kind := range strings.SplitSeq(kinds, ",") {
		if kind != "" {
			w.Kinds = append(w.Kinds, talk.EventKind(kind))
		}
	}
	return err
}

// kindList is how the kinds of a webhook are stored.
func kindList(kinds []talk.EventKind) string {
	if len(kinds) == 0 {
		return ""
	}
	list := ","
	for _, kind := range kinds {
		list += string(kind) + ","
	}
	return list
}

// Webhooks returns all webhooks in the order of their ids.
func Webhooks(tx *db.Tx) ([]talk.Webhook, error) {
	return db.Collect(tx, scanWebhook, "SELECT "+webhookColumns+" FROM webhooks ORDER BY id")
}

// WebhookOf returns the webhook with an id, or ErrNotFound.
func WebhookOf(tx *db.Tx, id int64) (w talk.Webhook, err error) {
	all, err := db.Collect(tx, scanWebhook, "SELECT "+webhookColumns+" FROM webhooks WHERE id = $1", id)
	if err == nil && len(all) == 0 {
		err = db.ErrNotFound
	}
	if err != nil {
		return w, err
	}
	return all[0], nil
}

// InsertWebhook stores a new webhook and sets its id.
func InsertWebhook(tx *db.Tx, w *talk.Webhook) error {
	w.CreatedAt = tx.Now()
	err := tx.Insert(&w.ID, "INSERT INTO webhooks (name, url, secret, kinds, active, created_at) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
		w.Name, w.URL, w.Secret, kindList(w.Kinds), w.Active, w.CreatedAt)
	if err != nil {
		return err
	}
	return store.NewSettings(tx)
}

// NoteWebhook stores how a webhook does.
func NoteWebhook(tx *db.Tx, w *talk.Webhook) error {
	return tx.Run("UPDATE webhooks SET failing_since = $2, last_error = $3 WHERE id = $1", w.ID, w.FailingSince, w.LastError)
}

// SwitchWebhook decides whether events are sent to a webhook, and forgets its failures if
// they are.
func SwitchWebhook(tx *db.Tx, id int64, active bool) error {
	err := tx.Run("UPDATE webhooks SET active = $2, failing_since = CASE WHEN $2 THEN 0 ELSE failing_since END WHERE id = $1", id, active)
	if err != nil {
		return err
	}
	return store.NewSettings(tx)
}

// DeleteWebhook removes a webhook with all that waits for it.
func DeleteWebhook(tx *db.Tx, id int64) error {
	if err := deliveries.Forget(tx, WebhookKind, strconv.FormatInt(id, 10)); err != nil {
		return err
	}
	if err := tx.Run("DELETE FROM webhooks WHERE id = $1", id); err != nil {
		return err
	}
	return store.NewSettings(tx)
}

// HasWebhooks reports whether events are sent anywhere. Who remembers the answer asks again
// when the settings have another version.
func HasWebhooks(tx *db.Tx) (bool, error) {
	var n int
	err := tx.QueryRow([]any{&n}, "SELECT COUNT(*) FROM webhooks WHERE active")
	return n > 0, err
}

// Enqueue puts an event into the outbox for each webhook that wants it. Queued is called after
// the commit if there is any.
func Enqueue(tx *db.Tx, queued func(), e *Event) error {
	payload, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return deliveries.EnqueueAll(tx, queued, "SELECT '"+WebhookKind+`' AS kind, CAST(w.id AS TEXT) AS destination, CAST($1 AS TEXT) AS order_key,
		CAST(COALESCE(r.version + r.chat_version, 0) AS TEXT) || ' ' || CAST($2 AS TEXT) AS payload
		FROM webhooks w LEFT JOIN rooms r ON r.id = $3 WHERE w.active AND (w.kinds = '' OR w.kinds LIKE $4) ORDER BY w.id`,
		e.Token, string(payload), e.RoomID, "%,"+string(e.Kind)+",%")
}

// Enqueued returns the event that a delivery to a webhook is about.
func Enqueued(d *deliveries.Delivery) (e Event, err error) {
	version, payload, _ := strings.Cut(d.Payload, " ")
	if err := json.Unmarshal([]byte(payload), &e); err != nil {
		return e, fmt.Errorf("the delivery cannot be read: %w", err)
	}
	current, err := strconv.ParseInt(version, 10, 64)
	if err != nil {
		return e, fmt.Errorf("the delivery cannot be read: %w", err)
	}
	if current != 0 {
		e.Version = current
	}
	e.At = d.CreatedAt
	return e, nil
}
