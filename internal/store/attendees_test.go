package store_test

import (
	"fmt"
	"testing"

	"parley/internal/db"
	"parley/internal/store"
	"parley/internal/talk"
)

func TestAttendeeKeepsEveryField(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, _ := d.room("r")
		a := talk.Attendee{
			RoomID: r.ID, Actor: talk.Actor{Type: talk.ActorEmails, ID: "mail"}, DisplayName: "Ä", Type: talk.GuestRole, Permissions: 9,
			PIN: "123", AccessToken: "tok", Address: "a@example.org", PhoneNumber: "+49", CallID: "c", Favorite: true,
			NotificationLevel: 2, NotificationCalls: 1, LastReadMessage: 5, ReadPrivacy: 1,
		}
		d.change(func(tx *db.Tx) error { return store.InsertAttendee(tx, &a) })
		equal(t, "changed at", a.ChangedAt, int64(start))
		equal(t, "by id", look(d, func(tx *db.Tx) (talk.Attendee, error) { return store.Attendee(tx, r.ID, a.ID) }), a)
		equal(t, "by actor", look(d, func(tx *db.Tx) (talk.Attendee, error) { return store.AttendeeOf(tx, r.ID, a.Actor) }), a)
		equal(t, "by PIN", look(d, func(tx *db.Tx) (talk.Attendee, error) { return store.AttendeeByPIN(tx, r.ID, "123") }), a)

		d.clock.Add(10)
		a.DisplayName, a.Type, a.Permissions, a.PIN, a.AccessToken = "B", talk.GuestModerator, 3, "456", "other"
		a.Favorite, a.Archived, a.Important, a.Sensitive, a.NotificationLevel, a.NotificationCalls = false, true, true, true, 3, 0
		a.ReadPrivacy, a.PhoneNumber, a.CallID = 0, "+50", "e"
		d.change(func(tx *db.Tx) error { return store.UpdateAttendee(tx, &a) })
		equal(t, "changed at", a.ChangedAt, int64(start+10))
		equal(t, "changed", look(d, func(tx *db.Tx) (talk.Attendee, error) { return store.Attendee(tx, r.ID, a.ID) }), a)
	})
}

func TestUnknownAttendees(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, people := d.room("r", person("alice", talk.Owner))
		absent(d, "id in another room", func(tx *db.Tx) (talk.Attendee, error) { return store.Attendee(tx, r.ID+1, people[0].ID) })
		absent(d, "actor of another type", func(tx *db.Tx) (talk.Attendee, error) { return store.AttendeeOf(tx, r.ID, talk.Guest("alice")) })
		absent(d, "empty PIN", func(tx *db.Tx) (talk.Attendee, error) { return store.AttendeeByPIN(tx, r.ID, "") })
		d.refused(db.ErrDuplicate, func(tx *db.Tx) error {
			a := person("alice", talk.Member)
			a.RoomID = r.ID
			return store.InsertAttendee(tx, &a)
		})
		d.refused(store.ErrUnlocked, func(tx *db.Tx) error {
			a := person("bob", talk.Member)
			a.RoomID = r.ID + 1
			return store.InsertAttendee(tx, &a)
		})
	})
}

// A PIN is unique in a conversation, but many have none.
func TestPINsAreUniquePerRoom(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		pinned := func(id, pin string) talk.Attendee {
			a := person(id, talk.Member)
			a.PIN = pin
			return a
		}
		_, people := d.room("a", pinned("alice", "1"), pinned("bob", ""), pinned("carol", ""))
		d.room("b", pinned("alice", "1"))
		people[1].PIN = "1"
		d.refused(db.ErrDuplicate, func(tx *db.Tx) error { return store.UpdateAttendee(tx, &people[1]) })
	})
}

// groupRow is a row of a group or team.
func groupRow(kind talk.ActorType, id string) talk.Attendee {
	return talk.Attendee{Actor: talk.Actor{Type: kind, ID: id}, Type: talk.Member}
}

func ids(rows []talk.Attendee) (out []string) {
	for _, a := range rows {
		out = append(out, a.Actor.ID)
	}
	return out
}

func TestAttendeeLists(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, _ := d.room("r", person("zoe", talk.Owner), person("alice", talk.Moderator), groupRow(talk.ActorGroups, "g"),
			talk.Attendee{Actor: talk.Guest("guest"), Type: talk.GuestRole})
		for _, c := range []struct {
			what string
			read func(*db.Tx) ([]talk.Attendee, error)
			want []string
		}{
			{"all", func(tx *db.Tx) ([]talk.Attendee, error) { return store.Attendees(tx, r.ID) }, []string{"zoe", "alice", "g", "guest"}},
			{"another room", func(tx *db.Tx) ([]talk.Attendee, error) { return store.Attendees(tx, r.ID+1) }, nil},
			{"types", func(tx *db.Tx) ([]talk.Attendee, error) {
				return store.AttendeesOfTypes(tx, r.ID, talk.ActorGuests, talk.ActorGroups)
			}, []string{"g", "guest"}},
			{"no types", func(tx *db.Tx) ([]talk.Attendee, error) { return store.AttendeesOfTypes(tx, r.ID) }, nil},
		} {
			equal(t, c.what, ids(look(d, c.read)), c.want)
		}
		among := look(d, func(tx *db.Tx) (map[string]talk.Attendee, error) {
			return store.AttendeesAmong(tx, r.ID, append(many(900), "alice", "guest"))
		})
		equal(t, "among", len(among), 1)
		equal(t, "alice", among["alice"].Type, talk.Moderator)
	})
}

// many returns ids of nobody, more than one statement takes.
func many(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprint("nobody", i))
	}
	return out
}

func TestPermissionsOfAll(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		with := func(a talk.Attendee, p talk.Permissions) talk.Attendee {
			a.Permissions = p
			return a
		}
		r, _ := d.room("r", with(person("set", talk.Member), 7), with(person("unset", talk.Member), 0),
			with(groupRow(talk.ActorGroups, "group"), 7), with(groupRow(talk.ActorTeams, "team"), 7))
		for _, c := range []struct {
			what string
			do   func(*db.Tx) error
			want []talk.Permissions
		}{
			{"add", func(tx *db.Tx) error { return store.AddPermissions(tx, r.ID, 16|1) }, []talk.Permissions{23, 0, 7, 7}},
			{"remove", func(tx *db.Tx) error { return store.RemovePermissions(tx, r.ID, 2) }, []talk.Permissions{21, 0, 7, 7}},
			{"reset", func(tx *db.Tx) error { return store.ResetPermissions(tx, r.ID) }, []talk.Permissions{0, 0, 7, 7}},
		} {
			d.clock.Add(1)
			d.change(c.do)
			var got []talk.Permissions
			rows := look(d, func(tx *db.Tx) ([]talk.Attendee, error) { return store.Attendees(tx, r.ID) })
			for _, a := range rows {
				got = append(got, a.Permissions)
			}
			equal(t, c.what, got, c.want)
			equal(t, c.what+" marks the row", rows[0].ChangedAt, d.clock.Load())
			equal(t, c.what+" leaves others", rows[1].ChangedAt, int64(start))
		}
	})
}

func TestRenameActor(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, _ := d.room("r", person("alice", talk.Owner), person("bob", talk.Member))
		d.write(func(tx *db.Tx) error { return store.RenameActor(tx, talk.User("alice"), "Alice B.") })
		rows := look(d, func(tx *db.Tx) ([]talk.Attendee, error) { return store.Attendees(tx, r.ID) })
		equal(t, "names", []string{rows[0].DisplayName, rows[1].DisplayName}, []string{"Alice B.", "bob"})
		equal(t, "version", look(d, func(tx *db.Tx) (talk.Room, error) { return store.Room(tx, "r") }).Version, int64(2))
	})
}

func TestCensusStopsCounting(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		for i, c := range []struct {
			people []talk.Attendee
			want   talk.RoleCounts
		}{
			{nil, talk.RoleCounts{}},
			{[]talk.Attendee{person("a", talk.Owner)}, talk.RoleCounts{Permanent: 1, Moderators: 1}},
			{[]talk.Attendee{person("a", talk.Member), person("b", talk.SelfJoined)}, talk.RoleCounts{Permanent: 1}},
			{[]talk.Attendee{person("a", talk.Owner), groupRow(talk.ActorGroups, "g"), groupRow(talk.ActorTeams, "t")}, talk.RoleCounts{Permanent: 1, Moderators: 1}},
			{
				[]talk.Attendee{person("a", talk.Owner), person("b", talk.Moderator), person("c", talk.Moderator), person("d", talk.Member)},
				talk.RoleCounts{Permanent: 2, Moderators: 2},
			},
		} {
			r, _ := d.room(fmt.Sprint("r", i), c.people...)
			equal(t, r.Token, look(d, func(tx *db.Tx) (talk.RoleCounts, error) { return store.CountRoles(tx, r.ID) }), c.want)
		}
	})
}

func commonRead(d database, room int64) (id int64) {
	d.t.Helper()
	d.read(func(tx *db.Tx) error {
		return store.CommonRead(tx, []int64{room}, func(_, message int64) { id = message })
	})
	return id
}

func TestCommonRead(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		reader := func(id string, upTo int64, privacy int) talk.Attendee {
			a := person(id, talk.Member)
			a.LastReadMessage, a.ReadPrivacy = upTo, privacy
			return a
		}
		guest := talk.Attendee{Actor: talk.Guest("g"), Type: talk.GuestRole, LastReadMessage: 1}
		open, _ := d.room("open", reader("a", 9, 0), reader("b", 4, 0), reader("c", 2, 1), guest)
		closed, _ := d.room("closed", reader("a", 9, 1))
		for room, want := range map[int64]int64{open.ID: 4, closed.ID: 0} {
			equal(t, "read by all", commonRead(d, room), want)
		}
	})
}

func TestMemberships(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		a, inA := d.room("a", person("bob", talk.Owner), person("alice", talk.Member))
		d.room("b", person("bob", talk.Owner))
		c, inC := d.room("c", person("alice", talk.Owner))
		got := look(d, func(tx *db.Tx) ([]store.Membership, error) { return store.Memberships(tx, talk.User("alice")) })
		equal(t, "memberships", got, []store.Membership{{Room: a, Me: inA[1]}, {Room: c, Me: inC[0]}})
	})
}

func TestDeletedAttendeesAreRemembered(t *testing.T) {
	each(t, func(t *testing.T, d database) {
		r, people := d.room("r", person("alice", talk.Owner), person("bob", talk.Member), person("carol", talk.SelfJoined))
		d.session(people[0], "sa", start, talk.Caller{Client: "of-alice"})
		d.session(people[1], "sb1", start, talk.Caller{Client: "of-bob", Device: "app-of-bob"})
		d.session(people[1], "sb2", start, talk.Caller{Client: "of-bob-2", Device: "app-of-bob"})
		d.session(people[2], "sc", start, talk.Caller{Client: "of-carol"})
		d.change(func(tx *db.Tx) error {
			if err := store.DeleteAttendee(tx, &r, people[1].ID); err != nil {
				return err
			}
			_, err := store.DeleteAttendeesOfRoles(tx, &r, talk.SelfJoined, talk.GuestRole)
			return err
		})
		equal(t, "who is left", ids(look(d, func(tx *db.Tx) ([]talk.Attendee, error) { return store.Attendees(tx, r.ID) })), []string{"alice"})
		for client, want := range map[string]bool{"of-alice": false, "of-bob": true, "of-bob-2": true, "app-of-bob": true, "of-carol": true, "": false} {
			for again := range 2 {
				var lost bool
				d.write(func(tx *db.Tx) (err error) {
					lost, err = store.TakeLost(tx, client, "r")
					return err
				})
				equal(t, fmt.Sprint(client, again), lost, want && again == 0)
			}
		}
	})
}
