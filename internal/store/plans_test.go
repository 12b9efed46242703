package store_test

import (
	"errors"
	"regexp"
	"slices"
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/store/deliveries"
	"parley/internal/store/eventlog"
	"parley/internal/talk"
	"parley/internal/talktest"
)

// Requests must not become slower with what they do not touch, so that their
// queries may not read a whole table, not even in the order of an index.
func TestHotQueriesSearch(t *testing.T) {
	t.Parallel()
	wholeTable := regexp.MustCompile(`^SCAN (rooms|attendees|sessions|messages|message_gaps|reactions|polls|poll_votes|reminders|notifications|accounts|attempts|app_passwords|group_members|bans|teams|team_\w+|preferences|statuses|outbox|events|[abceghmpqrst])\b`)
	alice := talk.User("alice")
	cookie, device := talk.Caller{UserID: "alice", Client: "c"}, talk.Caller{UserID: "alice", Fresh: true, Device: "d"}
	s := openPlanned(t)
	for name, query := range map[string]func(*db.Tx) error{
		"Room":                func(tx *db.Tx) error { return second(store.Room(tx, "t")) },
		"RoomByIdentity":      func(tx *db.Tx) error { return second(store.RoomByIdentity(tx, "i")) },
		"LockRoom":            func(tx *db.Tx) error { return second(store.LockRoom(tx, "t")) },
		"TouchRooms":          func(tx *db.Tx) error { return store.TouchRooms(tx, alice) },
		"RoomsNaming":         func(tx *db.Tx) error { return second(store.RoomsNaming(tx, "alice")) },
		"RoomsByObject":       func(tx *db.Tx) error { return second(store.RoomsByObject(tx, "file", "1")) },
		"LeaseDelivery":       func(tx *db.Tx) error { return second(deliveries.Lease(tx, "mail", []string{"d"}, "l", 1)) },
		"DeliveryDone":        func(tx *db.Tx) error { return deliveries.Done(tx, deliveries.Delivery{ID: 1}) },
		"UnusedRooms":         func(tx *db.Tx) error { return second(store.UnusedRooms(tx, "event", 1, 5, 10)) },
		"Statuses":            func(tx *db.Tx) error { return second(store.Statuses(tx, []string{"a", "b"})) },
		"RecentStatuses":      func(tx *db.Tx) error { return second(store.RecentStatuses(tx, store.Page{Limit: 10})) },
		"SetReadPrivacy":      func(tx *db.Tx) error { return store.SetReadPrivacy(tx, "alice", 1) },
		"DeleteRoom":          func(tx *db.Tx) error { return store.DeleteRoom(tx, &talk.Room{ID: 1}) },
		"AttendeeOf":          func(tx *db.Tx) error { return second(store.AttendeeOf(tx, 1, alice)) },
		"Attendees":           func(tx *db.Tx) error { return second(store.Attendees(tx, 1)) },
		"AttendeesAmong":      func(tx *db.Tx) error { return second(store.AttendeesAmong(tx, 1, []string{"a", "b"})) },
		"DeleteAttendee":      func(tx *db.Tx) error { return store.DeleteAttendee(tx, &talk.Room{ID: 1}, 1) },
		"UserPlace":           func(tx *db.Tx) error { return second(store.RoomForUser(tx, "t", cookie)) },
		"UserPlace, device":   func(tx *db.Tx) error { return second(store.RoomForUser(tx, "t", device)) },
		"GuestPlace":          func(tx *db.Tx) error { return second(store.RoomForGuest(tx, "t", cookie)) },
		"GuestPlace, device":  func(tx *db.Tx) error { return second(store.RoomForGuest(tx, "t", device)) },
		"StrangerPlace":       func(tx *db.Tx) error { return second(store.RoomForStranger(tx, "t")) },
		"RaiseVersion":        func(tx *db.Tx) error { return store.RaiseVersion(tx, "t") },
		"Memberships":         func(tx *db.Tx) error { return second(store.Memberships(tx, alice)) },
		"RoomsOf":             func(tx *db.Tx) error { return second(store.RoomsOf(tx, alice)) },
		"Sessions":            func(tx *db.Tx) error { return second(store.Sessions(tx, 1)) },
		"AttendeesIn":         func(tx *db.Tx) error { return second(store.AttendeesIn(tx, []int64{1, 2})) },
		"SessionsIn":          func(tx *db.Tx) error { return second(store.SessionsIn(tx, []int64{1, 2})) },
		"SessionsOf":          func(tx *db.Tx) error { return second(store.SessionsOf(tx, 1)) },
		"SessionsHeld":        func(tx *db.Tx) error { return second(store.SessionsHeld(tx, cookie)) },
		"SessionsHeld device": func(tx *db.Tx) error { return second(store.SessionsHeld(tx, device)) },
		"SessionByID":         func(tx *db.Tx) error { return second(store.SessionByID(tx, 1, "s")) },
		"HasSessions":         func(tx *db.Tx) error { return second(store.HasSessions(tx, 1)) },
		"DeadRooms":           func(tx *db.Tx) error { return second(store.DeadRooms(tx, 10)) },
		"DeadSessions":        func(tx *db.Tx) error { return second(store.DeadSessions(tx, 1)) },
		"WritePings":          func(tx *db.Tx) error { return second(store.WritePings(tx, []store.Ping{{SessionRow: 1, At: 1}})) },
		"AgePings":            func(tx *db.Tx) error { return second(store.AgePings(tx, 1)) },
		"UnshownSessions":     func(tx *db.Tx) error { return second(store.UnshownSessions(tx, "c")) },
		"ShowCookie":          func(tx *db.Tx) error { return store.ShowCookie(tx, "t", "c") },
		"ForgottenGuests":     func(tx *db.Tx) error { return second(store.ForgottenGuests(tx, 1)) },
		"CountRoles":          func(tx *db.Tx) error { return second(store.CountRoles(tx, 1)) },
		"CommonRead":          func(tx *db.Tx) error { return store.CommonRead(tx, []int64{1, 2}, func(int64, int64) {}) },
		"RecentMemberships":   func(tx *db.Tx) error { return second(store.RecentMemberships(tx, alice, 1, true)) },
		"AppPasswordByHash": func(tx *db.Tx) error {
			_, _, err := store.AppPasswordByHash(tx, "h")
			return err
		},
		"HasAppPassword": func(tx *db.Tx) error { return second(store.HasAppPassword(tx, 1)) },
		"Account":        func(tx *db.Tx) error { return second(store.AccountByID(tx, "alice")) },
		"AccountByEmail": func(tx *db.Tx) error { return second(store.AccountByEmail(tx, "a@example.org")) },
		"Names":          func(tx *db.Tx) error { return second(store.Names(tx, []string{"a", "b"})) },
		"History":        func(tx *db.Tx) error { return second(store.HistoryOf(tx, store.History{RoomID: 1, Limit: 5})) },
		"Messages":       func(tx *db.Tx) error { _, err := store.Messages(tx, []int64{1, 2}); return err },
		"History, newer": func(tx *db.Tx) error {
			return second(store.HistoryOf(tx, store.History{RoomID: 1, After: 5, Newer: true, Limit: 5}))
		},
		"Message":         func(tx *db.Tx) error { return second(store.Message(tx, 1, 5)) },
		"MessagesOfList":  func(tx *db.Tx) error { return second(store.MessagesOfList(tx, 1, "poll", 0, 5)) },
		"NewestCounted":   func(tx *db.Tx) error { return second(store.NewestCounted(tx, 1, 2)) },
		"MessageBefore":   func(tx *db.Tx) error { return second(store.MessageBefore(tx, 1, 5)) },
		"UpdateMessage":   func(tx *db.Tx) error { return store.UpdateMessage(tx, &talk.Message{ID: 1, RoomID: 1}) },
		"ClearMessages":   func(tx *db.Tx) error { return store.ClearMessages(tx, &talk.Room{ID: 1}) },
		"ExpiredMessages": func(tx *db.Tx) error { return second(store.ExpiredMessages(tx, 5)) },
		"RemoveExpired":   func(tx *db.Tx) error { return second(store.RemoveExpired(tx, &talk.Room{ID: 1}, 5)) },
		"Unread": func(tx *db.Tx) error {
			behind := store.Membership{Room: talk.Room{ID: 1, LastMessageID: 9, LastGap: 9}, Me: talk.Attendee{ID: 1}}
			return store.Unread(tx, []store.Membership{behind}, func(int64, int64) {})
		},
		"MarkRead": func(tx *db.Tx) error {
			return store.MarkRead(tx, 1, []store.ReadMark{{Attendee: 1, Reader: alice}, {Attendee: 1, Reader: alice, Message: 5}})
		},
		"MarkMentioned": func(tx *db.Tx) error {
			return store.MarkMentioned(tx, 1, store.Audience{Author: alice, All: true, Direct: []string{"a"}, Groups: []string{"g"}, Teams: []string{"t"}})
		},
		"NotifyAudience": func(tx *db.Tx) error {
			to := store.Audience{Author: alice, All: true, Replied: "b", Direct: []string{"a"}, Groups: []string{"g"}, Teams: []string{"t"}}
			return store.Pusher{}.NotifyAudience(tx, store.Notification{RoomID: 1, MessageID: 5}, to, true)
		},
		"NotificationsOf":    func(tx *db.Tx) error { return second(store.NotificationsOf(tx, "alice", 5)) },
		"NotificationOf":     func(tx *db.Tx) error { return second(store.NotificationOf(tx, "alice", 5)) },
		"NotificationsAmong": func(tx *db.Tx) error { return second(store.NotificationsAmong(tx, "alice", []int64{5})) },
		"WithdrawMessage":    func(tx *db.Tx) error { return store.Pusher{}.WithdrawMessage(tx, 1, 5) },
		"WithdrawFrom":       func(tx *db.Tx) error { return store.Pusher{}.WithdrawFrom(tx, 1, "alice") },
		"DismissMessages":    func(tx *db.Tx) error { return store.Pusher{}.DismissMessages(tx, 1, "alice") },
		"DismissAll":         func(tx *db.Tx) error { return store.Pusher{}.DismissNotifications(tx, "alice") },
		"Dismiss":            func(tx *db.Tx) error { return store.Pusher{}.DismissNotification(tx, "alice", 5) },
		"Events": func(tx *db.Tx) error {
			_, _, err := eventlog.After(tx, eventlog.Cursor{}, 5)
			return err
		},
		"EventsFor": func(tx *db.Tx) error {
			return second(eventlog.AfterFor(tx, "alice", eventlog.Cursor{}, eventlog.Cursor{Tx: 1}, 5))
		},
		"HasEvent":      func(tx *db.Tx) error { return second(eventlog.Has(tx, eventlog.Cursor{})) },
		"RoomsOfReader": func(tx *db.Tx) error { return second(eventlog.RoomsOf(tx, "alice")) },
		"InsertEvents": func(tx *db.Tx) error {
			return eventlog.Insert(tx, []eventlog.Event{{RoomID: 1, Kind: talk.EventMessage}, {RoomID: 1, Kind: talk.EventMessage, FromNewest: 1}})
		},
		"Push":              func(tx *db.Tx) error { return store.Pusher{}.Push(tx, store.PushTest, 5) },
		"Subscription":      func(tx *db.Tx) error { return second(store.PushSubscriptionByID(tx, 5)) },
		"SubscriptionOf":    func(tx *db.Tx) error { return second(store.PushSubscriptionOf(tx, 5)) },
		"Subscriptions":     func(tx *db.Tx) error { return second(store.PushSubscriptionsOf(tx, "alice")) },
		"ReactionsTo":       func(tx *db.Tx) error { return second(store.ReactionsTo(tx, 1, 5, "")) },
		"OwnReactions":      func(tx *db.Tx) error { return second(store.OwnReactions(tx, alice, []int64{5})) },
		"Poll":              func(tx *db.Tx) error { return second(store.Poll(tx, 1, 5)) },
		"DraftPolls":        func(tx *db.Tx) error { return second(store.DraftPolls(tx, 1)) },
		"ResultOf":          func(tx *db.Tx) error { return second(store.ResultOf(tx, 5, alice)) },
		"DeletePollOf":      func(tx *db.Tx) error { return store.DeletePollOf(tx, 1, 5) },
		"UpcomingReminders": func(tx *db.Tx) error { return second(store.UpcomingReminders(tx, "alice", 5)) },
		"TakeDueReminders":  func(tx *db.Tx) error { return second(store.TakeDueReminders(tx, 5)) },
		"Mentionable":       func(tx *db.Tx) error { return second(store.Mentionable(tx, 1, talk.ActorUsers, "a", 5)) },
		"RecentWriters":     func(tx *db.Tx) error { return second(store.RecentWriters(tx, 1, 5)) },
		"KeepAccounts":      func(tx *db.Tx) error { return second(store.KeepAccounts(tx, []string{"a", "b"})) },
		"ForgottenGuest": func(tx *db.Tx) error {
			_, _, err := store.KeepAccountFor(tx, 1, "alice")
			return err
		},
		"Held": func(tx *db.Tx) error { return second(store.HeldByGroupsOrTeams(tx, 1, []string{"a", "b"})) },
		"RoomsHolding": func(tx *db.Tx) error {
			return second(store.RoomsHolding(tx, talk.Actor{Type: talk.ActorGroups, ID: "g"}))
		},
		"BansAgainst":   func(tx *db.Tx) error { return second(store.BansAgainst(tx, 1, alice, true)) },
		"BannedAmong":   func(tx *db.Tx) error { return second(store.BannedAmong(tx, 1, []string{"a", "b"})) },
		"Preferences":   func(tx *db.Tx) error { return second(store.Preferences(tx, "alice")) },
		"InAnyGroup":    func(tx *db.Tx) error { return second(store.InAnyGroup(tx, "alice", []string{"a", "b"})) },
		"GroupsOf":      func(tx *db.Tx) error { return second(store.GroupsOf(tx, "alice")) },
		"IsGroupMember": func(tx *db.Tx) error { return second(store.IsGroupMember(tx, "g", "alice")) },
		"CountAttempts": func(tx *db.Tx) error {
			return second(store.CountAttempts(tx, store.Attempt{Action: "login", Subnet: "net"}, 1, 2))
		},
		"LatestAttempts": func(tx *db.Tx) error {
			return second(store.LatestAttempts(tx, store.Attempt{Action: "login"}, true, 11))
		},
		"Attempts":       func(tx *db.Tx) error { return second(store.Attempts(tx, 1, 10)) },
		"ForgetAttempts": func(tx *db.Tx) error { return store.ForgetAttempts(tx, 1) },
		"ForgetClients":  func(tx *db.Tx) error { return store.ForgetClients(tx, 1) },
	} {
		steps := plans(t, s, query)
		if len(steps) == 0 {
			t.Errorf("%s: no plan", name)
		}
		for _, step := range steps {
			if wholeTable.MatchString(step) {
				t.Errorf("%s: %s", name, step)
			}
		}
	}
}

// planned is an SQLite database that remembers its queries.
type planned struct {
	*db.DB
	queries []query
}

type query struct {
	text string
	args []any
}

func openPlanned(t *testing.T) *planned {
	t.Helper()
	p := &planned{}
	p.DB = talktest.Open(t, db.Options{URL: talktest.Databases()[0].URL(t), Trace: func(text string, args []any) {
		p.queries = append(p.queries, query{text, args})
	}})
	return p
}

// plans returns how SQLite would run each query of f, a text per step.
func plans(t *testing.T, p *planned, f func(*db.Tx) error) (steps []string) {
	t.Helper()
	err := p.Write(t.Context(), func(tx *db.Tx) error {
		store.HoldRooms(tx, 0, 1)
		p.queries = nil
		if err := f(tx); err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		for _, q := range slices.Clone(p.queries) {
			err := tx.Each(func(row db.Row) error {
				var id, parent, unused int
				var detail string
				err := row.Scan(&id, &parent, &unused, &detail)
				steps = append(steps, detail)
				return err
			}, "EXPLAIN QUERY PLAN "+q.text, q.args...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return steps
}

// A check that finds nothing has to be seen to find something.
func TestPlansShowScans(t *testing.T) {
	t.Parallel()
	steps := plans(t, openPlanned(t), func(tx *db.Tx) error { return second(store.Accounts(tx, store.Page{Search: "x"})) })
	if len(steps) == 0 || !regexp.MustCompile(`^SCAN c\b`).MatchString(steps[0]) {
		t.Errorf("got %q", steps)
	}
}
