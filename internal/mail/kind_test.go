package mail_test

import (
	"context"
	"testing"

	"parley/internal/db"
	"parley/internal/mail"
	"parley/internal/store"
	"parley/internal/store/deliveries"
	"parley/internal/talktest"
)

// Who was removed between the lease and the sending gets nothing.
func TestRemovedGuestGetsNothing(t *testing.T) {
	s := talktest.Open(t, db.Options{URL: talktest.Databases()[0].URL(t)})
	k := mail.Kind(mail.Options{Store: s, Sender: &mail.Sender{}, BaseURL: "https://x", DialIn: func(context.Context) (string, error) {
		t.Error("mail was written")
		return "", nil
	}})
	if err := k.Deliver(t.Context(), deliveries.Delivery{ID: 1, Kind: store.MailKind, AttendeeID: 77}); err != nil {
		t.Error(err)
	}
}
