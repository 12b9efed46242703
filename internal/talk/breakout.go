package talk

import "slices"

// The ways in which people come into breakout rooms.
const (
	BreakoutOff       = 0 // the conversation has no breakout rooms
	BreakoutAutomatic = 1 // the server distributes them
	BreakoutManual    = 2 // a moderator distributes them
	BreakoutFree      = 3 // everybody chooses
)

// The states of a conversation with breakout rooms, and of a breakout room.
const (
	BreakoutStopped    = 0 // also: nobody in the breakout room asks for help
	BreakoutStarted    = 1
	BreakoutAssistance = 2 // somebody in the breakout room asks for help
)

// MaxBreakoutRooms is the largest number of breakout rooms of a conversation.
const MaxBreakoutRooms = 20

// CanSplit reports why the conversation cannot get breakout rooms. Failures, in
// this order: Invalid room, mode, amount.
func (r *Room) CanSplit(mode, amount int) error {
	switch {
	case r.BreakoutMode != BreakoutOff, r.Type != Group, r.IsBreakout():
		return Fail(Invalid, "room")
	case mode < BreakoutAutomatic || mode > BreakoutFree:
		return Fail(Invalid, "mode")
	case amount < 1 || amount > MaxBreakoutRooms:
		return Fail(Invalid, "amount")
	}
	return nil
}

// HasBreakouts reports why nothing can be done with the breakout rooms of the
// conversation: Invalid mode when there are none.
func (r *Room) HasBreakouts() error {
	if r.BreakoutMode == BreakoutOff {
		return Fail(Invalid, "mode")
	}
	return nil
}

// CanSeeBreakouts reports why a participant sees no breakout rooms. Failures,
// in this order: Invalid mode, status before they are started.
func (r *Room) CanSeeBreakouts(a *Attendee) error {
	if err := r.HasBreakouts(); err != nil {
		return err
	}
	if r.BreakoutStatus != BreakoutStarted && !a.IsModerator() {
		return Fail(Invalid, "status")
	}
	return nil
}

// SeesAllBreakouts reports whether a participant of the parent sees also the
// breakout rooms of others.
func (r *Room) SeesAllBreakouts(a *Attendee) bool {
	return a.IsModerator() || r.BreakoutMode == BreakoutFree
}

// CanSwitchBreakout reports why a participant of the parent cannot choose
// another breakout room. Failures, in this order: Invalid mode, status,
// moderator.
func (r *Room) CanSwitchBreakout(a *Attendee) error {
	switch {
	case r.BreakoutMode != BreakoutFree:
		return Fail(Invalid, "mode")
	case r.BreakoutStatus != BreakoutStarted:
		return Fail(Invalid, "status")
	case a.IsModerator():
		return Fail(Invalid, "moderator")
	}
	return nil
}

// CanAskForHelp reports why nobody can ask for help in the conversation: it is
// no breakout room, or its lobby is on.
func (r *Room) CanAskForHelp() error {
	if !r.IsBreakout() || r.LobbyState != LobbyOff {
		return Fail(Invalid, "room")
	}
	return nil
}

// Distribution tells the index of the breakout room of attendees by their ids.
type Distribution map[int64]int

// Check reports Invalid attendeeMap unless all indexes are below amount.
func (d Distribution) Check(amount int) error {
	for _, index := range d {
		if index < 0 || index >= amount {
			return Fail(Invalid, "attendeeMap")
		}
	}
	return nil
}

// Deal distributes attendees evenly over a number of breakout rooms, at least
// one, at random: shuffle reorders n things by swapping them.
func Deal(attendees []int64, amount int, shuffle func(n int, swap func(i, j int))) Distribution {
	dealt := slices.Clone(attendees)
	shuffle(len(dealt), func(i, j int) { dealt[i], dealt[j] = dealt[j], dealt[i] })
	d := make(Distribution, len(dealt))
	for i, id := range dealt {
		d[id] = i % amount
	}
	return d
}
