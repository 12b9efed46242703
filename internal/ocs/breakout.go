package ocs

import (
	"encoding/json"

	"parley/internal/app"
	"parley/internal/talk"
)

// distribution is the index of the breakout room by attendee id, as JSON text.
// Clients send an empty list for an empty object.
type distribution string

func (d distribution) parse() (talk.Distribution, error) {
	if d == "" || d == "[]" {
		return nil, nil
	}
	var out talk.Distribution
	if !measureJSON([]byte(d)).fits() {
		return nil, &talk.Error{Kind: talk.Invalid, Reason: "attendeeMap"}
	}
	if err := json.Unmarshal([]byte(d), &out); err != nil {
		return nil, &talk.Error{Kind: talk.Invalid, Reason: "attendeeMap", Err: err}
	}
	if len(out) > talk.MaxListed {
		return nil, talk.Fail(talk.Invalid, "attendeeMap")
	}
	return out, nil
}

type splitParams struct {
	Mode        int          `param:"mode;required"`
	Amount      int          `param:"amount;required"`
	AttendeeMap distribution `param:"attendeeMap"`
}

func splitRoom(c *call, in splitParams) (any, error) {
	// The conversation, mode and amount are looked at before the distribution.
	if err := c.visit.CanSplit(in.Mode, in.Amount); err != nil {
		return nil, err
	}
	var d talk.Distribution
	if in.Mode == talk.BreakoutManual {
		var err error
		if d, err = in.AttendeeMap.parse(); err != nil {
			return nil, err
		}
	}
	return c.family(c.app.SplitRoom(c.r.Context(), c.scope(), in.Mode, in.Amount, d))
}

// family answers with conversations of one family.
func (c *call) family(views []app.RoomView, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return c.roomList(views)
}

func mergeRoom(c *call) (any, error) {
	if err := c.app.MergeRoom(c.r.Context(), c.scope()); err != nil {
		return nil, err
	}
	return c.room()
}

type distributeParams struct {
	AttendeeMap distribution `param:"attendeeMap;required"`
}

func distributeUsers(c *call, in distributeParams) (any, error) {
	if err := c.visit.CanDistribute(); err != nil {
		return nil, err
	}
	d, err := in.AttendeeMap.parse()
	if err != nil {
		return nil, err
	}
	return c.family(c.app.DistributeUsers(c.r.Context(), c.scope(), d))
}

func startBreakouts(c *call) (any, error) {
	return c.family(c.app.StartBreakouts(c.r.Context(), c.scope()))
}

func stopBreakouts(c *call) (any, error) {
	return c.family(c.app.StopBreakouts(c.r.Context(), c.scope()))
}

// askForHelp makes the handler that asks for help or stops asking.
func askForHelp(need bool) handler {
	return plain(func(c *call) (any, error) {
		if err := c.app.AskForHelp(c.r.Context(), c.scope(), need); err != nil {
			return nil, err
		}
		return c.room()
	})
}

type switchParams struct {
	Target string `param:"target;required"`
}

func switchBreakout(c *call, in switchParams) (any, error) {
	if err := c.app.SwitchBreakout(c.r.Context(), c.scope(), in.Target); err != nil {
		return nil, err
	}
	return c.roomOf(in.Target)
}

func listBreakouts(c *call) (any, error) {
	return c.family(c.app.Breakouts(c.r.Context(), c.scope()))
}

func listBreakoutParticipants(c *call, _ listParams) (any, error) {
	all, err := c.app.BreakoutParticipants(c.r.Context(), c.scope())
	out := []participantV4{}
	for _, room := range all {
		for i := range room.Entries {
			out = append(out, newParticipantV4(room.Token, &room.Entries[i], c.visit.Me))
		}
	}
	return out, err
}
