package events

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"parley/internal/db"
	"parley/internal/outbound"
	"parley/internal/outbox"
	"parley/internal/store/deliveries"
	"parley/internal/store/eventlog"
	"parley/internal/talk"
)

// secretLength is the number of bytes of a secret that nobody chose.
const secretLength = 32

// AddWebhook has events sent to an address, with a new secret if it has none. Failures: those
// of [talk.Webhook.Check].
func (svc *Service) AddWebhook(ctx context.Context, w *talk.Webhook) error {
	if w.Secret == "" {
		key := make([]byte, secretLength)
		rand.Read(key) // never fails
		w.Secret = talk.WebhookSecretPrefix + base64.StdEncoding.EncodeToString(key)
	}
	if err := w.Check(); err != nil {
		return err
	}
	w.Active = true
	return svc.store.Write(ctx, func(tx *db.Tx) error { return eventlog.InsertWebhook(tx, w) })
}

// Webhooks returns all webhooks.
func (svc *Service) Webhooks(ctx context.Context) (all []talk.Webhook, err error) {
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		all, err = eventlog.Webhooks(tx)
		return err
	})
	return all, err
}

// ErrUnknown is the failure of those who name a webhook that there is not.
var ErrUnknown = talk.Fail(talk.NotFound, "webhook")

// RemoveWebhook removes a webhook with all that waits for it. Failure: ErrUnknown.
func (svc *Service) RemoveWebhook(ctx context.Context, id int64) error {
	return svc.change(ctx, id, func(tx *db.Tx) error { return eventlog.DeleteWebhook(tx, id) })
}

// SwitchWebhook decides whether events are sent to a webhook. Failure: ErrUnknown.
func (svc *Service) SwitchWebhook(ctx context.Context, id int64, active bool) error {
	return svc.change(ctx, id, func(tx *db.Tx) error { return eventlog.SwitchWebhook(tx, id, active) })
}

func (svc *Service) change(ctx context.Context, id int64, f func(*db.Tx) error) error {
	return svc.store.Write(ctx, func(tx *db.Tx) error {
		_, err := eventlog.WebhookOf(tx, id)
		if db.IsNone(err) {
			return ErrUnknown
		}
		if err != nil {
			return err
		}
		return f(tx)
	})
}

// Deliveries returns how webhooks are told: in order for each webhook and conversation, within
// about a day.
func (svc *Service) Deliveries(show Show) outbox.Kind {
	d := deliverer{svc, show}
	return outbox.Kind{
		Name: eventlog.WebhookKind, Deliver: d.deliver, Parallel: 8, Timeout: 15 * time.Second, FirstPause: 5 * time.Second,
		LongestPause: 15 * time.Minute, Rest: 5 * time.Second,
		// The webhook is switched off before, and none stays that was given up.
		MaxAttempts: math.MaxInt,
	}
}

// deliverer sends events to webhooks.
type deliverer struct {
	*Service
	show Show
}

// deliver sends an event to a webhook. What became of it is noted beside the webhook.
func (svc deliverer) deliver(ctx context.Context, d deliveries.Delivery) error {
	id, err := strconv.ParseInt(d.Destination, 10, 64)
	if err != nil {
		return outbox.Refused(err)
	}
	e, err := eventlog.Enqueued(&d)
	if err != nil {
		return outbox.Refused(err)
	}
	var w talk.Webhook
	var now int64
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		now = tx.Now()
		w, err = eventlog.WebhookOf(tx, id)
		return err
	})
	if db.IsNone(err) || err == nil && (!w.Active || now-d.CreatedAt > talk.WebhookPatience) {
		return nil // it was removed or switched off meanwhile, or does not take this one
	}
	if err != nil {
		return err
	}
	data, shown, err := svc.show(ctx, talk.Observer(), svc.address, &e)
	if err != nil || !shown {
		return err
	}
	answer, err := svc.post(ctx, &w, now, "event-"+strconv.FormatInt(d.ID, 10), data)
	return svc.note(ctx, &w, answer, err)
}

// post sends a body as the convention "Standard Webhooks" has it.
func (svc deliverer) post(ctx context.Context, w *talk.Webhook, at int64, id string, body []byte) (outbound.Answer, error) {
	signature, err := w.Sign(id, at, body)
	if err != nil {
		return outbound.Answer{}, err
	}
	answer, err := svc.client.Post(ctx, w.URL, map[string]string{
		"Content-Type": "application/json", "User-Agent": "parley",
		"webhook-id": id, "webhook-timestamp": strconv.FormatInt(at, 10), "webhook-signature": signature,
	}, body)
	if err == nil && !answer.Accepted() {
		err = fmt.Errorf("the webhook answered with status %d", answer.Status)
	}
	return answer, err
}

// note keeps how a webhook does, and switches one off that says it is gone or that has failed
// for too long.
func (svc deliverer) note(ctx context.Context, w *talk.Webhook, answer outbound.Answer, failure error) error {
	if failure == nil && w.FailingSince == 0 {
		return nil
	}
	err := svc.store.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		known, err := eventlog.WebhookOf(tx, w.ID)
		if db.IsNone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		if failure == nil {
			known.FailingSince = 0
			return eventlog.NoteWebhook(tx, &known)
		}
		if known.LastError = failure.Error(); known.FailingSince == 0 {
			known.FailingSince = tx.Now()
		}
		if err := eventlog.NoteWebhook(tx, &known); err != nil {
			return err
		}
		if known.Active && (answer.Ended() || tx.Now()-known.FailingSince >= talk.WebhookPatience) {
			return eventlog.SwitchWebhook(tx, known.ID, false)
		}
		return nil
	})
	return errors.Join(failure, err)
}
