package store_test

import (
	"fmt"
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/store/deliveries"
	"parley/internal/talk"
)

// subscribe makes an account with an app that is told of notifications.
func (d database) subscribe(userID string) (p store.PushSubscription) {
	d.t.Helper()
	d.write(func(tx *db.Tx) error {
		id, err := store.InsertAppPassword(tx, userID, "hash of "+userID, "phone")
		if err != nil {
			return err
		}
		p = store.PushSubscription{UserID: userID, AppPasswordID: id, Service: "https://push.example.org", Wanted: true, ActivationToken: "t"}
		return store.ReplacePushSubscription(tx, &p, 5)
	})
	return p
}

func TestPushesAreQueued(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		d.account("alice")
		d.account("bob")
		room, _ := d.room("plans", person("alice", talk.Owner), person("bob", talk.Member))
		bob := d.subscribe("bob")
		queued := 0
		p := store.Pusher{Queued: func() { queued++ }}
		used := func() bool {
			return look(d, store.PushUsed)
		}
		tell := func(p store.Pusher) {
			d.change(func(tx *db.Tx) error {
				n := store.Notification{RoomID: room.ID, Subject: talk.NotifiedInvitation, Actor: talk.User("alice")}
				return p.Notify(tx, n, []string{"alice", "bob"})
			})
		}
		tell(p) // not active
		if d.outbox(store.PushKind).Waiting != 0 || queued != 0 || used() {
			t.Fatal("a subscription that is not active is told")
		}
		version := look(d, store.SettingsVersion)
		for range 2 {
			d.write(func(tx *db.Tx) error { return store.ActivatePush(tx, bob.ID) })
		}
		if !used() || look(d, store.SettingsVersion) == version {
			t.Error("the settings do not tell that there is a subscription")
		}
		idle := p
		idle.Idle = true
		tell(idle)
		if d.outbox(store.PushKind).Waiting != 0 {
			t.Fatal("an idle server pushes")
		}
		tell(p)
		last := look(d, func(tx *db.Tx) ([]store.RoomNotification, error) { return store.NotificationsOf(tx, "bob", 1) })
		d.write(func(tx *db.Tx) error { return p.DismissNotification(tx, "bob", last[0].ID) })
		d.write(func(tx *db.Tx) error { return p.DismissNotifications(tx, "bob") })
		d.write(func(tx *db.Tx) error { return p.DismissNotifications(tx, "bob") }) // there are none any more
		d.write(func(tx *db.Tx) error { return p.Push(tx, store.PushTest, bob.ID) })
		var got []string
		for _, row := range look(d, func(tx *db.Tx) ([]deliveries.Row, error) { return deliveries.All(tx, store.PushKind, 0, 10) }) {
			got = append(got, row.Destination+" "+row.OrderKey+" "+row.Payload)
			if row.CreatedAt != start || row.NextAt != start {
				t.Errorf("%s is due at %d", row.Payload, row.NextAt)
			}
		}
		head := fmt.Sprintf("https://push.example.org %d ", bob.ID)
		equal(t, "pushes", got, []string{
			fmt.Sprintf("%snew %d %d", head, bob.ID, last[0].ID), fmt.Sprintf("%sgone %d %d", head, bob.ID, last[0].ID),
			fmt.Sprintf("%sall-gone %d 0", head, bob.ID), fmt.Sprintf("%stest %d 0", head, bob.ID),
		})
		if queued != 4 {
			t.Errorf("the worker was woken %d times", queued)
		}
	})
}
