package mail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parley/internal/db"
	"parley/internal/outbox"
	"parley/internal/store"
	"parley/internal/store/deliveries"
	"parley/internal/talk"
)

// Options are what invitations are sent with.
type Options struct {
	Store *db.DB
	// Sender is nil when no mail server is configured; mail is kept then.
	Sender *Sender
	// BaseURL is the address of the server that links begin with, without a slash at
	// the end. Mail is kept while it is empty: what requests say about it is the
	// word of strangers, who would get the secrets of the guests.
	BaseURL string
	// DialIn returns the administrator's text about joining by telephone, empty
	// without telephones.
	DialIn func(context.Context) (string, error)
}

// Kind returns how invitations are delivered: one after the other, since there is one
// mail server, for about three days.
func Kind(o Options) outbox.Kind {
	return outbox.Kind{
		Name: store.MailKind, Deliver: o.deliver,
		// Somewhat more than the sender allows, so that it can say what happened.
		Timeout:  sendTimeout + 10*time.Second,
		Obstacle: o.obstacle(), Wanted: o.Sender != nil,
	}
}

// obstacle says what the administrator has to set before mail can be sent, "" if
// nothing.
func (o Options) obstacle() string {
	switch {
	case o.Sender == nil:
		return "there is no mail server: set --smtp-url (PARLEY_SMTP_URL)"
	case o.BaseURL == "":
		return "the address for links is not known: set --url (PARLEY_URL)"
	}
	return ""
}

// deliver writes one mail of what is true now, and hands it over.
func (o Options) deliver(ctx context.Context, d deliveries.Delivery) error {
	var room talk.Room
	var guest talk.Attendee
	var now int64
	err := o.Store.Read(ctx, func(tx *db.Tx) (err error) {
		now = tx.Now()
		room, guest, err = store.Invitation(tx, d.AttendeeID)
		return err
	})
	if errors.Is(err, db.ErrNotFound) {
		return nil // removed since, and invited no more
	}
	if err != nil {
		return err
	}
	dialIn, err := o.DialIn(ctx)
	if err != nil {
		return err
	}
	id := fmt.Sprintf("invitation-%d-%d", d.ID, d.CreatedAt)
	return o.Sender.Send(ctx, newInvitation(&room, &guest, d.Payload, o.BaseURL, dialIn), id, time.Unix(now, 0))
}
