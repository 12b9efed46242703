package bot

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"parley/internal/db"
	"parley/internal/outbox"
	"parley/internal/secret"
	"parley/internal/store"
	"parley/internal/store/deliveries"
	"parley/internal/talk"
)

// randomLength is the number of characters that a signature is made with.
const randomLength = 64

// Deliveries returns how bots are told: each one for itself and in order, a few times
// within some minutes.
func (svc *Service) Deliveries() outbox.Kind {
	return outbox.Kind{
		Name: Kind, Deliver: svc.deliver, Parallel: 4, Timeout: 5 * time.Second, FirstPause: 10 * time.Second, LongestPause: time.Minute,
		Rest: 5 * time.Second, MaxAttempts: 4,
	}
}

// deliver tells a bot of an event. What became of it is noted beside the bot.
func (svc *Service) deliver(ctx context.Context, d deliveries.Delivery) error {
	id, err := strconv.ParseInt(d.Destination, 10, 64)
	if err != nil {
		return outbox.Refused(err)
	}
	var b talk.Bot
	err = svc.store.Read(ctx, func(tx *db.Tx) error {
		b, err = store.Bot(tx, id)
		return err
	})
	if db.IsNone(err) || err == nil && b.State == talk.BotDisabled {
		return nil // it was removed or switched off meanwhile
	}
	if err != nil {
		return err
	}
	failure := svc.post(ctx, &b, []byte(d.Payload))
	return svc.note(ctx, id, failure)
}

func (svc *Service) post(ctx context.Context, b *talk.Bot, body []byte) error {
	random := secret.Token(randomLength, secret.Alphanumeric)
	header := map[string]string{
		"Content-Type": "application/json", "OCS-APIRequest": "true", "User-Agent": "Nextcloud-Talk (parley)",
		"X-Nextcloud-Talk-Random": random, "X-Nextcloud-Talk-Signature": talk.Sign(b.Secret, random, string(body)),
		"X-Nextcloud-Talk-Backend": svc.address + "/",
	}
	answer, err := svc.client.Post(ctx, b.URL, header, body)
	if err == nil && !answer.Accepted() {
		err = fmt.Errorf("the bot answered with status %d", answer.Status)
	}
	return err
}

// note counts failures in a row, and disables a bot after too many.
func (svc *Service) note(ctx context.Context, id int64, failure error) error {
	err := svc.store.Write(context.WithoutCancel(ctx), func(tx *db.Tx) error {
		b, err := store.Bot(tx, id)
		if db.IsNone(err) || err == nil && failure == nil && b.ErrorCount == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		if failure == nil {
			b.ErrorCount = 0
			return store.UpdateBot(tx, &b)
		}
		b.ErrorCount++
		b.LastError, b.LastErrorAt = failure.Error(), tx.Now()
		if b.ErrorCount >= talk.MaxBotErrors && b.State == talk.BotEnabled {
			b.State = talk.BotDisabled
		}
		return store.UpdateBot(tx, &b)
	})
	if failure != nil {
		return failure
	}
	return err
}
