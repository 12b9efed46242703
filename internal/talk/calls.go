package talk

import (
	"slices"
	"strconv"
	"strings"
)

// JoinedCallFlags are those of somebody who joins a call and does not say how.
const JoinedCallFlags = InCall | WithAudio | WithVideo

// MaxCallFlags is the largest sum of call flags that clients may send. Bits that this server
// does not know are kept: they are between clients.
const MaxCallFlags CallFlags = 255

// CallActiveWithin is the age of its last ping, in seconds, up to which a session keeps a
// call alive. Clients wait for signaling for up to 30 seconds, and pings are written a little
// later than they come.
const CallActiveWithin = 40

// Allowed returns the flags without what somebody with the final permissions may not send.
func (f CallFlags) Allowed(final Permissions) CallFlags {
	if !final.Has(PermissionPublishAudio) {
		f &^= WithAudio
	}
	if !final.Has(PermissionPublishVideo) {
		f &^= WithVideo
	}
	return f
}

// CheckFlags reports why clients cannot send the flags.
func (f CallFlags) CheckFlags() error {
	if f <= NotInCall || f > MaxCallFlags {
		return Fail(Invalid, "")
	}
	return nil
}

// CanChangeFlags reports why a session in a call with the flags old may not have the flags
// f: only those who are in it and stay in it change how they take part.
func (f CallFlags) CanChangeFlags(old CallFlags) error {
	if old == NotInCall || f&InCall == 0 {
		return Fail(Invalid, "")
	}
	return f.CheckFlags()
}

// CallJoin is what decides whether somebody joins a call.
type CallJoin struct {
	Room *Room
	Me   *Participant
	// Final are the permissions of Me.
	Final Permissions
	// Who may start calls, as the administrator says.
	Who StartCalls
	// Consent tells that people have to agree to being recorded, Agreed that this one did.
	Consent, Agreed bool
}

// Check reports why the call cannot be joined, the first that applies: Invalid "consent",
// NotFound without a session, Invalid "type", Forbidden for those who would start it and may
// not. Everybody may join a call that is running.
func (j CallJoin) Check() error {
	switch {
	case j.Consent && !j.Agreed:
		return Fail(Invalid, "consent")
	case j.Me.Session == nil:
		return Fail(NotFound, "")
	case !j.Room.HoldsCalls():
		return Fail(Invalid, "type")
	case j.Room.HasCall():
		return nil
	case !j.mayStart():
		return refuse(Forbidden)
	}
	return nil
}

func (j CallJoin) mayStart() bool {
	return j.Room.AlwaysCalls() || CanStartCall(j.Room, &j.Me.Attendee, j.Final, j.Who)
}

// HoldsCalls reports whether there can be calls in the conversation: not among one, and
// not where the other one is gone.
func (r *Room) HoldsCalls() bool {
	return r.Type == OneToOne || r.Type == Group || r.Type == Public
}

// AlwaysCalls reports whether everybody may start a call in the conversation, whatever the
// permissions: it was made for that.
func (r *Room) AlwaysCalls() bool {
	return r.Type == Public && r.ObjectType == ObjectVideoVerification || r.ObjectType == ObjectPhoneTemporary && r.ObjectID == ObjectIDDirectDialin
}

// CallRing is what decides whether somebody in a call has somebody else called.
type CallRing struct {
	Room *Room
	// Caller is who asks, with the session that they ask by, if any.
	Caller *Participant
	// Target is whom to call, nil when there is nobody.
	Target *Attendee
	// TargetInCall tells that they are in the call already, TargetQuiet that they do not want
	// to be disturbed.
	TargetInCall, TargetQuiet bool
}

// Check reports why nobody is called, and whether there is anything to do. Failures, the
// first that applies: Invalid "in-call", NotFound, Invalid "actor-type", Invalid "status".
func (r CallRing) Check() (needed bool, err error) {
	switch {
	case !CallsFrom(r.Room, r.Caller):
		return false, Fail(Invalid, "in-call")
	case r.Target == nil:
		return false, Fail(NotFound, "")
	case r.Target.Actor.Type != ActorUsers:
		return false, Fail(Invalid, "actor-type")
	case r.TargetInCall:
		return false, nil
	case r.TargetQuiet:
		return false, Fail(Invalid, "status")
	}
	return true, nil
}

// CallsFrom reports whether somebody may call others into the call of a conversation: one is
// running, and their session, if they have one, is in it.
func CallsFrom(r *Room, caller *Participant) bool {
	return r.HasCall() && (caller.Session == nil || caller.Session.InCall != NotInCall)
}

// CallNotice is what an app that rings has to know.
type CallNotice int

// The states of a call for somebody who was called.
const (
	// CallDismissed ends the ringing: there is nothing to tell.
	CallDismissed CallNotice = iota
	CallRinging
	CallMissedNow
)

// rejoinPause is for how many seconds after its start a call does not ring for those who
// have left it.
const rejoinPause = 60

// NoticeOf returns the state of the call in r at now for somebody who joined it or not, and
// is in it now or not.
func NoticeOf(r *Room, joined, in bool, now int64) CallNotice {
	switch {
	case !r.HasCall():
		return CallMissedNow
	case in, joined && now < r.CallSince+rejoinPause:
		return CallDismissed
	}
	return CallRinging
}

// CallEnd is what people are told of a call that is over.
type CallEnd struct {
	Room *Room
	// Actor is who ended it, by leaving last or for everybody.
	Actor Actor
	// ForEveryone tells that it was ended while people were in it.
	ForEveryone bool
	// Joined are those who took part and are still in the conversation.
	Joined []Actor
	// Seconds is how long it took.
	Seconds int64
	// Limit is for how many seconds calls may last, 0 for ever.
	Limit int64
}

// shownCallers is how many people are named of those who took part; of more than that one
// less is named, and how many others there were.
const shownCallers = 5

// Message is the system message about the end of the call.
func (e CallEnd) Message() *Message {
	if !e.ForEveryone && e.Room.Type == OneToOne && len(e.Joined) == 1 && e.Joined[0].Type == ActorUsers {
		if partner, ok := PairPartner(e.Room.Name, e.Joined[0].ID); ok {
			return &Message{Actor: e.Joined[0], System: CallMissed, About: User(partner)}
		}
	}
	m := &Message{Actor: e.Actor, System: CallEnded, Params: map[string]string{"duration": strconv.FormatInt(e.Seconds, 10)}}
	if e.ForEveryone {
		m.System = CallEndedEveryone
		if e.Limit > 0 && e.Seconds > e.Limit {
			m.Params["limit"] = strconv.FormatInt(e.Limit, 10)
		}
	}
	users, guests := e.others()
	if len(users) > shownCallers {
		m.Params["others"] = strconv.Itoa(len(users) - shownCallers + 1)
		users = users[:shownCallers-1]
	}
	if len(users) > 0 {
		m.Params["users"] = strings.Join(users, "\n")
	}
	if guests > 0 {
		m.Params["guests"] = strconv.Itoa(guests)
	}
	return m
}

// others are the accounts that took part, in the order of their ids, and the number of
// guests; without whoever ended the call for everybody.
func (e CallEnd) others() (users []string, guests int) {
	for _, who := range e.Joined {
		switch {
		case e.ForEveryone && who == e.Actor:
		case who.Type == ActorUsers:
			users = append(users, who.ID)
		case who.Type == ActorGuests, who.Type == ActorEmails:
			guests++
		}
	}
	slices.Sort(users)
	return users, guests
}

// callers are the accounts that a message about the end of a call names.
func (m *Message) callers() []string {
	if text := m.Params["users"]; text != "" && (m.System == CallEnded || m.System == CallEndedEveryone) {
		return strings.Split(text, "\n")
	}
	return nil
}
