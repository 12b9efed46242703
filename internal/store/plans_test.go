package store_test

import (
	"regexp"
	"testing"

	"parley/internal/store"
	"parley/internal/talk"
)

// Requests must not become slower with what they do not touch, so that their
// queries may not read a whole table, not even in the order of an index.
func TestHotQueriesSearch(t *testing.T) {
	t.Parallel()
	wholeTable := regexp.MustCompile(`^SCAN (rooms|attendees|sessions|messages|accounts|attempts|app_passwords|group_members|bans|teams|team_\w+|preferences|statuses|[abcgmprst])\b`)
	alice := talk.User("alice")
	cookie, device := talk.Caller{UserID: "alice", Client: "c"}, talk.Caller{UserID: "alice", Fresh: true, Device: "d"}
	only(t, "sqlite", func(t *testing.T, d database) {
		for name, query := range map[string]func(*store.Tx) error{
			"Room":                func(tx *store.Tx) error { return second(tx.Room("t")) },
			"RoomByID":            func(tx *store.Tx) error { return second(tx.RoomByID(1)) },
			"RoomByIdentity":      func(tx *store.Tx) error { return second(tx.RoomByIdentity("i")) },
			"LockRoom":            func(tx *store.Tx) error { return second(tx.LockRoom("t")) },
			"TouchRooms":          func(tx *store.Tx) error { return tx.TouchRooms(alice) },
			"RoomsNaming":         func(tx *store.Tx) error { return second(tx.RoomsNaming("alice")) },
			"RoomsByObject":       func(tx *store.Tx) error { return second(tx.RoomsByObject("file", "1")) },
			"UnusedRooms":         func(tx *store.Tx) error { return second(tx.UnusedRooms("event", 1, 5, 10)) },
			"Statuses":            func(tx *store.Tx) error { return second(tx.Statuses([]string{"a", "b"})) },
			"RecentStatuses":      func(tx *store.Tx) error { return second(tx.RecentStatuses(store.Page{Limit: 10})) },
			"SetReadPrivacy":      func(tx *store.Tx) error { return tx.SetReadPrivacy("alice", 1) },
			"DeleteRoom":          func(tx *store.Tx) error { return tx.DeleteRoom(&talk.Room{ID: 1}) },
			"AttendeeOf":          func(tx *store.Tx) error { return second(tx.AttendeeOf(1, alice)) },
			"Attendees":           func(tx *store.Tx) error { return second(tx.Attendees(1)) },
			"AttendeesAmong":      func(tx *store.Tx) error { return second(tx.AttendeesAmong(1, []string{"a", "b"})) },
			"AttendeesOfRoles":    func(tx *store.Tx) error { return second(tx.AttendeesOfRoles(1, talk.Owner, talk.Moderator)) },
			"DeleteAttendee":      func(tx *store.Tx) error { return tx.DeleteAttendee(&talk.Room{ID: 1}, 1) },
			"UserPlace":           func(tx *store.Tx) error { return second(tx.UserPlace("t", cookie)) },
			"UserPlace, device":   func(tx *store.Tx) error { return second(tx.UserPlace("t", device)) },
			"GuestPlace":          func(tx *store.Tx) error { return second(tx.GuestPlace("t", cookie)) },
			"GuestPlace, device":  func(tx *store.Tx) error { return second(tx.GuestPlace("t", device)) },
			"StrangerPlace":       func(tx *store.Tx) error { return second(tx.StrangerPlace("t")) },
			"RaiseVersion":        func(tx *store.Tx) error { return tx.RaiseVersion("t") },
			"Memberships":         func(tx *store.Tx) error { return second(tx.Memberships(alice)) },
			"RoomsOf":             func(tx *store.Tx) error { return second(tx.RoomsOf(alice)) },
			"Sessions":            func(tx *store.Tx) error { return second(tx.Sessions(1)) },
			"AttendeesIn":         func(tx *store.Tx) error { return second(tx.AttendeesIn([]int64{1, 2})) },
			"SessionsIn":          func(tx *store.Tx) error { return second(tx.SessionsIn([]int64{1, 2})) },
			"SessionsOf":          func(tx *store.Tx) error { return second(tx.SessionsOf(1)) },
			"SessionsHeld":        func(tx *store.Tx) error { return second(tx.SessionsHeld(cookie)) },
			"SessionsHeld device": func(tx *store.Tx) error { return second(tx.SessionsHeld(device)) },
			"SessionByID":         func(tx *store.Tx) error { return second(tx.SessionByID(1, "s")) },
			"HasSessions":         func(tx *store.Tx) error { return second(tx.HasSessions(1)) },
			"DeadRooms":           func(tx *store.Tx) error { return second(tx.DeadRooms(10)) },
			"DeadSessions":        func(tx *store.Tx) error { return second(tx.DeadSessions(1)) },
			"StorePings":          func(tx *store.Tx) error { return second(tx.StorePings([]store.Ping{{SessionRow: 1, At: 1}})) },
			"AgePings":            func(tx *store.Tx) error { return second(tx.AgePings(1)) },
			"UnshownSessions":     func(tx *store.Tx) error { return second(tx.UnshownSessions("c")) },
			"ShowCookie":          func(tx *store.Tx) error { return tx.ShowCookie("t", "c") },
			"ForgottenGuests":     func(tx *store.Tx) error { return second(tx.ForgottenGuests(1)) },
			"Census":              func(tx *store.Tx) error { return second(tx.Census(1)) },
			"CommonRead":          func(tx *store.Tx) error { return tx.CommonRead([]int64{1, 2}, func(int64, int64) {}) },
			"RecentMemberships":   func(tx *store.Tx) error { return second(tx.RecentMemberships(alice, 1, true)) },
			"AppPasswordByHash": func(tx *store.Tx) error {
				_, _, err := tx.AppPasswordByHash("h")
				return err
			},
			"HasAppPassword": func(tx *store.Tx) error { return second(tx.HasAppPassword(1)) },
			"Account":        func(tx *store.Tx) error { return second(tx.Account("alice")) },
			"AccountByEmail": func(tx *store.Tx) error { return second(tx.AccountByEmail("a@example.org")) },
			"Names":          func(tx *store.Tx) error { return second(tx.Names([]string{"a", "b"})) },
			"History":        func(tx *store.Tx) error { return second(tx.History(store.History{RoomID: 1, Limit: 5})) },
			"Messages":       func(tx *store.Tx) error { return tx.Messages([]int64{1, 2}, func(*store.NamedMessage) {}) },
			"KeepAccounts":   func(tx *store.Tx) error { return second(tx.KeepAccounts([]string{"a", "b"})) },
			"Newcomer": func(tx *store.Tx) error {
				_, _, err := tx.Newcomer(1, "alice")
				return err
			},
			"Held":          func(tx *store.Tx) error { return second(tx.Held(1, []string{"a", "b"})) },
			"RoomsHolding":  func(tx *store.Tx) error { return second(tx.RoomsHolding(talk.Actor{Type: talk.ActorGroups, ID: "g"})) },
			"BansAgainst":   func(tx *store.Tx) error { return second(tx.BansAgainst(1, alice, true)) },
			"BannedAmong":   func(tx *store.Tx) error { return second(tx.BannedAmong(1, []string{"a", "b"})) },
			"Preferences":   func(tx *store.Tx) error { return second(tx.Preferences("alice")) },
			"InAnyGroup":    func(tx *store.Tx) error { return second(tx.InAnyGroup("alice", []string{"a", "b"})) },
			"GroupsOf":      func(tx *store.Tx) error { return second(tx.GroupsOf("alice")) },
			"IsGroupMember": func(tx *store.Tx) error { return second(tx.IsGroupMember("g", "alice")) },
			"CountAttempts": func(tx *store.Tx) error {
				return second(tx.CountAttempts(store.Attempt{Action: "login", Subnet: "net"}, 1, 2))
			},
			"LatestAttempts": func(tx *store.Tx) error { return second(tx.LatestAttempts(store.Attempt{Action: "login"}, true, 11)) },
			"Attempts":       func(tx *store.Tx) error { return second(tx.Attempts(1, 10)) },
			"ForgetAttempts": func(tx *store.Tx) error { return tx.ForgetAttempts(1) },
			"ForgetClients":  func(tx *store.Tx) error { return tx.ForgetClients(1) },
		} {
			d.write(func(tx *store.Tx) error {
				steps, err := tx.Plans(query)
				if len(steps) == 0 {
					t.Errorf("%s: no plan", name)
				}
				for _, step := range steps {
					if wholeTable.MatchString(step) {
						t.Errorf("%s: %s", name, step)
					}
				}
				return err
			})
		}
	})
}

// second drops the value of a query whose plan is wanted.
func second[T any](_ T, err error) error { return err }

// A check that finds nothing has to be seen to find something.
func TestPlansShowScans(t *testing.T) {
	t.Parallel()
	only(t, "sqlite", func(t *testing.T, d database) {
		d.write(func(tx *store.Tx) error {
			steps, err := tx.Plans(func(tx *store.Tx) error { return second(tx.Accounts(store.Page{Search: "x"})) })
			if len(steps) == 0 || !regexp.MustCompile(`^SCAN c\b`).MatchString(steps[0]) {
				t.Errorf("got %q", steps)
			}
			return err
		})
	})
}
