package notify

import (
	"slices"

	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/store/calls"
	"parley/internal/talk"
)

// recordCall calls people when a call begins, and tells those who were called and did not
// come when it is over.
func (r Recorder) recordCall(c *room.Change, e *room.Event) error {
	switch e.Call.Step {
	case room.CallStarted:
		if err := r.recordJoin(c, e); err != nil || e.Call.Silent || c.Room.ObjectType == talk.ObjectFile {
			return err
		}
		return r.recordStart(c, e)
	case room.CallJoined:
		return r.recordJoin(c, e)
	case room.CallEnded:
		missed, err := calls.Miss(c.Tx, c.Room.ID)
		if err != nil {
			return err
		}
		return r.Pusher.Show(c.Tx, missed)
	}
	return nil
}

// recordJoin takes back that somebody was called, who is in the call now.
func (r Recorder) recordJoin(c *room.Change, e *room.Event) error {
	if e.About.Type != talk.ActorUsers {
		return nil
	}
	return r.Pusher.WithdrawFrom(c.Tx, c.Room.ID, e.About.ID, talk.NotifiedCall, talk.NotifiedMissedCall)
}

// recordStart calls everybody. Being called is an invitation by itself, and calls that were
// missed before are no news any more.
func (r Recorder) recordStart(c *room.Change, e *room.Event) error {
	for _, old := range []talk.NotificationSubject{talk.NotifiedInvitation, talk.NotifiedMissedCall} {
		if err := r.Pusher.Withdraw(c.Tx, c.Room.ID, old); err != nil {
			return err
		}
	}
	callees, err := calls.Callees(c.Tx, c.Room.ID)
	if err != nil {
		return err
	}
	callees = slices.DeleteFunc(callees, func(id string) bool { return slices.Contains(e.Call.SilentFor, id) })
	return r.Pusher.Notify(c.Tx, store.Notification{RoomID: c.Room.ID, Subject: talk.NotifiedCall, Actor: e.About}, callees)
}
