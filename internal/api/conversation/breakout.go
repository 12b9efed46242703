package conversation

import (
	"encoding/json"

	"parley/internal/conversation"
	"parley/internal/ocs"
	"parley/internal/room"
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
	if !ocs.MayDecode([]byte(d)) {
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

func (a *API) splitRoom(c *ocs.Call, in splitParams) (any, error) {
	// The conversation, mode and amount are looked at before the distribution.
	if err := conversation.CanSplit(c.Access, in.Mode, in.Amount); err != nil {
		return nil, err
	}
	var d talk.Distribution
	if in.Mode == talk.BreakoutManual {
		var err error
		if d, err = in.AttendeeMap.parse(); err != nil {
			return nil, err
		}
	}
	views, err := a.conversations.SplitRoom(c.Context(), c.Scope(), in.Mode, in.Amount, d)
	return a.family(c, views, err)
}

// family answers with conversations of one family.
func (a *API) family(c *ocs.Call, views []conversation.RoomView, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return a.roomList(c, views)
}

func (a *API) mergeRoom(c *ocs.Call) (any, error) {
	if err := a.conversations.MergeRoom(c.Context(), c.Scope()); err != nil {
		return nil, err
	}
	return a.room(c)
}

type distributeParams struct {
	AttendeeMap distribution `param:"attendeeMap;required"`
}

func (a *API) distributeUsers(c *ocs.Call, in distributeParams) (any, error) {
	if err := conversation.CanDistribute(c.Access); err != nil {
		return nil, err
	}
	d, err := in.AttendeeMap.parse()
	if err != nil {
		return nil, err
	}
	views, err := a.conversations.DistributeUsers(c.Context(), c.Scope(), d)
	return a.family(c, views, err)
}

func (a *API) startBreakouts(c *ocs.Call) (any, error) {
	views, err := a.conversations.StartBreakouts(c.Context(), c.Scope())
	return a.family(c, views, err)
}

func (a *API) stopBreakouts(c *ocs.Call) (any, error) {
	views, err := a.conversations.StopBreakouts(c.Context(), c.Scope())
	return a.family(c, views, err)
}

type broadcastParams struct {
	Message string `param:"message;required"`
}

// broadcast posts a message in all breakout rooms.
func (a *API) broadcast(c *ocs.Call, in broadcastParams) (any, error) {
	text, err := talk.TrimMessage(in.Message)
	if err == nil {
		err = talk.CheckMessageLength(text)
	}
	if err != nil {
		return nil, err
	}
	views, err := a.conversations.InBreakouts(c.Context(), c.Scope(), func(b *room.Change) error { return a.chat.Say(b, text) })
	if err == nil {
		c.Status = ocs.StatusCreated
	}
	return a.family(c, views, err)
}

func (a *API) requestAssistance(c *ocs.Call) (any, error) { return a.askForHelp(c, true) }

func (a *API) cancelAssistance(c *ocs.Call) (any, error) { return a.askForHelp(c, false) }

func (a *API) askForHelp(c *ocs.Call, need bool) (any, error) {
	if err := a.conversations.AskForHelp(c.Context(), c.Scope(), need); err != nil {
		return nil, err
	}
	return a.room(c)
}

type switchParams struct {
	Target string `param:"target;required"`
}

func (a *API) switchBreakout(c *ocs.Call, in switchParams) (any, error) {
	if err := a.conversations.SwitchBreakout(c.Context(), c.Scope(), in.Target); err != nil {
		return nil, err
	}
	return a.roomOf(c, in.Target)
}

func (a *API) listBreakouts(c *ocs.Call) (any, error) {
	views, err := a.conversations.Breakouts(c.Context(), c.Scope())
	return a.family(c, views, err)
}

func (a *API) listBreakoutParticipants(c *ocs.Call, _ listParams) (any, error) {
	all, err := a.conversations.BreakoutParticipants(c.Context(), c.Scope())
	out := []participantV4{}
	for _, room := range all {
		for i := range room.Entries {
			out = append(out, newParticipantV4(room.Token, &room.Entries[i], c.Access.Me))
		}
	}
	return out, err
}
