package signal

import (
	"encoding/json"

	"parley/internal/room"
	"parley/internal/store/deliveries"
	"parley/internal/talk"
)

// Kind is the kind of deliveries to signaling servers.
const Kind = "signaling"

// The messages to a signaling server, by their types.
const (
	tellInvite       = "invite"
	tellDisinvite    = "disinvite"
	tellUpdate       = "update"
	tellDelete       = "delete"
	tellParticipants = "participants"
	tellInCall       = "incall"
	tellMessage      = "message"
	tellSwitch       = "switchto"
)

// notice is what a signaling server has to be told. What it says of who is there is looked up
// when it is delivered; what cannot be looked up any more is in it.
type notice struct {
	Type string `json:"type"`
	// Users and Sessions are whom it concerns.
	Users    []string `json:"users,omitempty"`
	Sessions []string `json:"sessions,omitempty"`
	// Changed are those who are different now; All stands for everybody.
	Changed []talk.Actor `json:"changed,omitempty"`
	All     bool         `json:"all,omitempty"`
	// Flags, Who and Role are those of a session whose part in the call has changed.
	Flags talk.CallFlags       `json:"flags,omitempty"`
	Who   talk.Actor           `json:"who,omitzero"`
	Role  talk.ParticipantType `json:"role,omitempty"`
	// To is the conversation that sessions change to.
	To string `json:"to,omitempty"`
}

// Recorder puts into the outbox what a signaling server is told.
type Recorder struct {
	// Queued is called after the commit when there is something new to deliver.
	Queued func()
	// Tell tells the clients of this server after the commit, nil for nobody.
	Tell func(token string, all []Notice)
}

// Record is the [room.Recorder] of what a signaling server is told.
func (r Recorder) Record(c *room.Change, events []room.Event) error {
	if c.Room != nil && c.Settings.BuiltinSignaling() {
		return r.recordOwn(c, events)
	}
	if c.Room == nil || !c.Settings.ExternalSignaling() {
		return nil
	}
	told := noticesOf(c.Room, events)
	for _, n := range told {
		payload, err := json.Marshal(n)
		if err != nil {
			return err
		}
		token := c.Room.Token
		if n.Type == tellSwitch && n.To == token { // those who are called into a breakout room are elsewhere
			token = c.Room.ObjectID
		}
		err = deliveries.Enqueue(c.Tx, deliveries.Delivery{
			Kind: Kind, Destination: c.Settings.Signaling.Servers[0].URL, OrderKey: token, Payload: string(payload),
		})
		if err != nil {
			return err
		}
	}
	if len(told) > 0 {
		c.Tx.AfterCommit(r.Queued)
	}
	return nil
}

// digest is what a change comes to for a signaling server.
type digest struct {
	room                   *talk.Room
	invited, removed, left notice
	changed                notice
	calls                  []notice
	updated, spoke         bool
	switched, deleted      *notice
	// joined are those who have opened a session in the change.
	joined map[talk.Actor]bool
}

// noticesOf are the messages about a change, in the order in which they have to arrive.
func noticesOf(r *talk.Room, events []room.Event) (out []notice) {
	d := digest{
		room: r, invited: notice{Type: tellInvite}, removed: notice{Type: tellDisinvite}, left: notice{Type: tellDisinvite},
		changed: notice{Type: tellParticipants}, joined: map[talk.Actor]bool{},
	}
	for i := range events {
		if events[i].Kind == talk.EventJoined {
			d.joined[events[i].Actor] = true
		}
	}
	for i := range events {
		d.add(&events[i])
	}
	if d.deleted != nil {
		return []notice{*d.deleted}
	}
	if d.invited.Users != nil {
		out = append(out, d.invited)
	}
	if d.removed.Users != nil {
		out = append(out, d.removed)
	}
	if d.left.Sessions != nil {
		out = append(out, d.left)
	}
	if d.updated {
		out = append(out, notice{Type: tellUpdate})
	}
	if d.changed.Changed != nil || d.changed.All {
		out = append(out, d.changed)
	}
	out = append(out, d.calls...)
	if d.switched != nil {
		out = append(out, *d.switched)
	}
	if d.spoke {
		out = append(out, notice{Type: tellMessage})
	}
	return out
}

// add takes an event into account.
func (d *digest) add(e *room.Event) {
	switch e.Kind {
	case talk.EventAdded:
		if d.invited.Users == nil {
			d.invited.Users = []string{}
		}
		if e.About.Type == talk.ActorUsers {
			d.invited.Users = append(d.invited.Users, e.About.ID)
		}
	case talk.EventRemoved:
		if e.About.Type == talk.ActorUsers {
			d.removed.Users = append(d.removed.Users, e.About.ID)
		}
		d.left.Sessions = append(d.left.Sessions, e.SessionIDs...)
	case talk.EventLeft:
		// Others close the connection by themselves.
		if e.Session != nil && (e.About.Type != talk.ActorUsers || d.joined[e.About]) {
			d.left.Sessions = append(d.left.Sessions, e.Session.SessionID)
		}
	case talk.EventPromoted, talk.EventDemoted:
		d.updated, d.changed.Changed = true, append(d.changed.Changed, e.About)
	case talk.EventRenamed:
		d.changed.Changed = append(d.changed.Changed, e.About)
	case talk.EventPermissions:
		d.changed.All = d.changed.All || e.About.IsZero()
		d.changed.Changed = append(d.changed.Changed, e.About)
	case talk.EventLobby:
		d.updated = true
		if d.room.IsBreakout() {
			d.switched = switchOf(d.room)
		}
	case talk.EventSettings:
		d.updated = true
	case talk.EventCall:
		d.addCall(e)
	case talk.EventMessage:
		d.spoke = d.spoke || !e.Message.Quiet()
	case talk.EventRoomDeleted:
		d.deleted = &notice{Type: tellDelete, Users: e.Were}
	}
}

// switchOf calls people into a breakout room that was opened, or out of one that was closed.
func switchOf(r *talk.Room) *notice {
	if r.LobbyState == talk.LobbyOff {
		return &notice{Type: tellSwitch, To: r.Token}
	}
	return &notice{Type: tellSwitch, To: r.ObjectID}
}

func (d *digest) addCall(e *room.Event) {
	switch {
	case e.Call.Step != room.CallEnded:
		d.calls = append(d.calls, notice{Type: tellInCall, Sessions: []string{e.Call.Session.SessionID}, Flags: e.Call.Session.InCall, Who: e.About})
	case e.Call.ForEveryone:
		d.calls = append(d.calls, notice{Type: tellInCall, All: true})
	}
}
