package talk_test

import (
	"fmt"
	"reflect"
	"testing"

	"parley/internal/talk"
)

// TestJoiningCalls goes through all that decides whether somebody may join a call.
func TestJoiningCalls(t *testing.T) {
	roles := []talk.ParticipantType{talk.Owner, talk.Moderator, talk.Member, talk.GuestRole, talk.SelfJoined, talk.GuestModerator}
	for _, kind := range []talk.RoomType{talk.OneToOne, talk.Group, talk.Public, talk.Changelog, talk.FormerOneToOne, talk.NoteToSelf} {
		for _, role := range roles {
			for bits := range 1 << 6 {
				running, session, may := bits&1 != 0, bits&2 != 0, bits&4 != 0
				consent, agreed, nobody := bits&8 != 0, bits&16 != 0, bits&32 != 0
				j := talk.CallJoin{Room: &talk.Room{Type: kind}, Me: &talk.Participant{}, Consent: consent, Agreed: agreed}
				j.Me.Type = role
				if running {
					j.Room.CallSince = 1
				}
				if session {
					j.Me.Session = &talk.Session{}
				}
				if may {
					j.Final = talk.PermissionStartCall
				}
				if nobody {
					j.Who = talk.StartCallsModerators
				}
				want := ""
				switch {
				case consent && !agreed:
					want = "invalid: consent"
				case !session:
					want = "not found"
				case kind > talk.Public:
					want = "invalid: type"
				case !running && (!may || nobody && !role.IsModerator()):
					want = "forbidden"
				}
				got := ""
				if err := j.Check(); err != nil {
					got = err.Error()
				}
				if got != want {
					t.Errorf("type %d, role %d, %06b: %q, want %q", kind, role, bits, got, want)
				}
			}
		}
	}
}

// TestWhereEverybodyMayCall: conversations that were made for a call need no permission.
func TestWhereEverybodyMayCall(t *testing.T) {
	for _, c := range []struct {
		room talk.Room
		want bool
	}{
		{talk.Room{Type: talk.Public, ObjectType: talk.ObjectVideoVerification}, true},
		{talk.Room{Type: talk.Group, ObjectType: talk.ObjectVideoVerification}, false},
		{talk.Room{Type: talk.Group, ObjectType: talk.ObjectPhoneTemporary, ObjectID: talk.ObjectIDDirectDialin}, true},
		{talk.Room{Type: talk.Group, ObjectType: talk.ObjectPhoneTemporary}, false},
		{talk.Room{Type: talk.Group, ObjectID: talk.ObjectIDDirectDialin}, false},
	} {
		me := &talk.Participant{Session: &talk.Session{}, Attendee: talk.Attendee{Type: talk.GuestRole}}
		err := talk.CallJoin{Room: &c.room, Me: me, Who: talk.StartCallsModerators}.Check()
		if (err == nil) != c.want {
			t.Errorf("%+v: %v", c.room, err)
		}
	}
}

func TestCallFlags(t *testing.T) {
	const publish = talk.PermissionPublishAudio | talk.PermissionPublishVideo
	for _, c := range []struct {
		flags talk.CallFlags
		final talk.Permissions
		want  talk.CallFlags
	}{
		{7, publish, 7}, {7, 0, 1}, {7, talk.PermissionPublishAudio, 3}, {7, talk.PermissionPublishVideo, 5},
		{15, talk.PermissionsAll &^ publish, 9}, {15, publish, 15},
	} {
		if got := c.flags.Allowed(c.final); got != c.want {
			t.Errorf("%d with %d: %d, want %d", c.flags, c.final, got, c.want)
		}
	}
	for flags, ok := range map[talk.CallFlags]bool{-1: false, 0: false, 1: true, 255: true, 256: false} {
		if (flags.CheckFlags() == nil) != ok {
			t.Errorf("%d is allowed: %v", flags, !ok)
		}
	}
	for _, c := range []struct {
		old, flags talk.CallFlags
		ok         bool
	}{{0, 1, false}, {2, 1, true}, {1, 3, true}, {1, 2, false}, {1, 0, false}, {7, 17, true}, {1, 257, false}} {
		if (c.flags.CanChangeFlags(c.old) == nil) != c.ok {
			t.Errorf("from %d to %d: %v", c.old, c.flags, !c.ok)
		}
	}
}

func TestRinging(t *testing.T) {
	running, over := &talk.Room{CallSince: 1}, &talk.Room{}
	person := func(flags talk.CallFlags) *talk.Participant {
		return &talk.Participant{Session: &talk.Session{InCall: flags}}
	}
	user, guest := &talk.Attendee{Actor: bob}, &talk.Attendee{Actor: greta}
	for _, c := range []struct {
		name   string
		ring   talk.CallRing
		needed bool
		want   string
	}{
		{"no call", talk.CallRing{Room: over, Caller: person(7), Target: user}, false, "invalid: in-call"},
		{"out of it", talk.CallRing{Room: running, Caller: person(0), Target: user}, false, "invalid: in-call"},
		{"no session", talk.CallRing{Room: running, Caller: &talk.Participant{}, Target: user}, true, ""},
		{"nobody", talk.CallRing{Room: running, Caller: person(1)}, false, "not found"},
		{"a guest", talk.CallRing{Room: running, Caller: person(1), Target: guest}, false, "invalid: actor-type"},
		{"is there", talk.CallRing{Room: running, Caller: person(1), Target: user, TargetInCall: true, TargetQuiet: true}, false, ""},
		{"quiet", talk.CallRing{Room: running, Caller: person(1), Target: user, TargetQuiet: true}, false, "invalid: status"},
		{"all well", talk.CallRing{Room: running, Caller: person(1), Target: user}, true, ""},
	} {
		needed, err := c.ring.Check()
		if got := fmt.Sprint(err); needed != c.needed || err == nil != (c.want == "") || err != nil && got != c.want {
			t.Errorf("%s: %v, %s", c.name, needed, got)
		}
	}
}

func TestNotices(t *testing.T) {
	const since = 1000
	for _, c := range []struct {
		since      int64
		joined, in bool
		now        int64
		want       talk.CallNotice
	}{
		{0, false, false, since, talk.CallMissedNow},
		{0, true, true, since, talk.CallMissedNow},
		{since, false, false, since + 1, talk.CallRinging},
		{since, true, true, since + 500, talk.CallDismissed},
		{since, true, false, since + 59, talk.CallDismissed},
		{since, true, false, since + 60, talk.CallRinging},
	} {
		if got := talk.NoticeOf(&talk.Room{CallSince: c.since}, c.joined, c.in, c.now); got != c.want {
			t.Errorf("%+v: %d", c, got)
		}
	}
}

// TestEndsOfCalls: who is named when a call is over, and how.
func TestEndsOfCalls(t *testing.T) {
	group, pair := &talk.Room{Type: talk.Group}, &talk.Room{Type: talk.OneToOne, Name: talk.PairIdentity("alice", "bob")}
	email := talk.Actor{Type: talk.ActorEmails, ID: "e@example.org"}
	many := []talk.Actor{talk.User("f"), talk.User("e"), talk.User("d"), talk.User("c"), talk.User("b"), talk.User("a")}
	for name, c := range map[string]struct {
		end    talk.CallEnd
		key    talk.SystemKey
		about  talk.Actor
		params map[string]string
		says   string
	}{
		"two": {
			talk.CallEnd{Room: group, Actor: bob, Joined: []talk.Actor{bob, alice}, Seconds: 65}, talk.CallEnded, talk.Actor{},
			map[string]string{"duration": "65", "users": "alice\nbob"}, "Call with {user1} and {user2} ended (1:05)",
		},
		"with guests": {
			talk.CallEnd{Room: group, Actor: bob, Joined: []talk.Actor{bob, greta, email}, Seconds: 3725}, talk.CallEnded, talk.Actor{},
			map[string]string{"duration": "3725", "users": "bob", "guests": "2"}, "Call with {user1} and 2 guests ended (1:02:05)",
		},
		"five": {talk.CallEnd{Room: group, Joined: many[1:]}, talk.CallEnded, talk.Actor{}, map[string]string{"duration": "0", "users": "a\nb\nc\nd\ne"}, "Call with {user1}, {user2}, {user3}, {user4} and {user5} ended (0:00)"},
		"six":  {talk.CallEnd{Room: group, Joined: many}, talk.CallEnded, talk.Actor{}, map[string]string{"duration": "0", "users": "a\nb\nc\nd", "others": "2"}, "Call with {user1}, {user2}, {user3}, {user4} and 2 others ended (0:00)"},
		"gone": {talk.CallEnd{Room: group, Actor: talk.Guest(talk.GuestSystem)}, talk.CallEnded, talk.Actor{}, map[string]string{"duration": "0"}, "Call ended (0:00)"},
		"everybody": {
			talk.CallEnd{Room: group, Actor: alice, ForEveryone: true, Joined: []talk.Actor{bob, alice}, Seconds: 5}, talk.CallEndedEveryone, talk.Actor{},
			map[string]string{"duration": "5", "users": "bob"}, "{actor} ended the call with {user1} (0:05)",
		},
		"by a guest": {
			talk.CallEnd{Room: group, Actor: greta, ForEveryone: true, Joined: []talk.Actor{greta, alice}}, talk.CallEndedEveryone, talk.Actor{},
			map[string]string{"duration": "0", "users": "alice"}, "{actor} ended the call with {user1} (0:00)",
		},
		"too long": {
			talk.CallEnd{Room: group, Actor: talk.Guest(talk.GuestSystem), ForEveryone: true, Joined: []talk.Actor{alice}, Seconds: 61, Limit: 60},
			talk.CallEndedEveryone, talk.Actor{}, map[string]string{"duration": "61", "users": "alice", "limit": "60"},
			"The call with {user1} reached its longest duration and was ended (1:01)",
		},
		"pair":   {talk.CallEnd{Room: pair, Actor: bob, Joined: []talk.Actor{bob, alice}}, talk.CallEnded, talk.Actor{}, map[string]string{"duration": "0", "users": "alice\nbob"}, "Call ended (0:00)"},
		"missed": {talk.CallEnd{Room: pair, Actor: alice, Joined: []talk.Actor{alice}}, talk.CallMissed, bob, nil, "Missed call"},
	} {
		m := c.end.Message()
		if m.System != c.key || m.About != c.about || !reflect.DeepEqual(m.Params, c.params) {
			t.Errorf("%s: %+v", name, m)
		}
		m.Kind = talk.KindSystem
		shown := talk.Reader{Viewer: bob, Room: c.end.Room}.Render(m, nil, everybody)
		if shown.Wording != c.says {
			t.Errorf("%s: it says %q", name, shown.Wording)
		}
		for _, key := range placeholder.FindAllString(c.says, -1) {
			if shown.Objects[key[1:len(key)-1]] == nil {
				t.Errorf("%s: nothing stands for %s", name, key)
			}
		}
	}
}

// TestMissedCalls: both read of a call that nobody took, each in their way.
func TestMissedCalls(t *testing.T) {
	room := &talk.Room{Type: talk.OneToOne, Name: talk.PairIdentity("alice", "bob")}
	m := talk.CallEnd{Room: room, Actor: alice, Joined: []talk.Actor{alice}}.Message()
	m.Kind = talk.KindSystem
	for viewer, want := range map[talk.Actor]struct {
		key  talk.SystemKey
		with string
	}{alice: {talk.CallTried, "bob"}, bob: {talk.CallMissed, "alice"}} {
		got := talk.Reader{Viewer: viewer, Room: room}.Render(m, nil, everybody)
		if got.System != want.key || got.Objects["user"]["id"] != want.with || got.Objects["actor"] != nil {
			t.Errorf("%v reads %s %v", viewer, got.System, got.Objects)
		}
	}
	if m.System != talk.CallMissed {
		t.Error("reading changed the message")
	}
}
