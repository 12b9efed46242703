package mail_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"parley/internal/db"
	"parley/internal/mail"
	"parley/internal/store"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// A panic while a mail is written fails that mail alone, which waits and says so.
func TestPanicOfWorker(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	clock := talktest.NewClock()
	s := talktest.Open(t, db.Options{URL: talktest.Databases()[0].URL(t), Now: clock.Now})
	err := s.Write(ctx, func(tx *db.Tx) error {
		r := talk.Room{Token: "r", Type: talk.Public, Name: "n"}
		if err := store.InsertRoom(tx, &r); err != nil {
			return err
		}
		guest := talk.Attendee{RoomID: r.ID, Actor: talk.EmailGuest("foo@example.com"), Type: talk.GuestRole, Address: "foo@example.com"}
		if err := store.InsertAttendee(tx, &guest); err != nil {
			return err
		}
		return store.QueueMail(tx, guest.ID, "Alice")
	})
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	w := mail.NewWorker(mail.Options{
		Store: s, Log: slog.New(slog.NewTextHandler(&log, nil)), Sender: &mail.Sender{}, BaseURL: "https://talk.example.org",
		DialIn: func(context.Context) (string, error) {
			defer stop()
			panic("aargh")
		},
	})
	w.Run(ctx)
	if text := log.String(); !strings.Contains(text, "aargh") || !strings.Contains(text, "worker_test.go") {
		t.Errorf("log: %s", text)
	}
	err = s.Read(t.Context(), func(tx *db.Tx) error {
		state, err := store.MailStateNow(tx)
		if !troubled(state) || strings.Contains(state.LastError, "goroutine") {
			t.Errorf("the queue is %+v", state)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
