package ocs

import (
	"parley/internal/app"
	"parley/internal/talk"
)

// User statuses, see platform.md §9.

// hasStatusesHeader tells that an answer carries statuses.
const hasStatusesHeader = "X-Nextcloud-Has-User-Statuses"

// statusData is the status of a person beside other facts about them.
type statusData struct {
	Status  string  `json:"status"`
	Icon    *string `json:"statusIcon"`
	Message *string `json:"statusMessage"`
	ClearAt *int64  `json:"statusClearAt"`
}

// newStatusData returns nil for nil.
func newStatusData(s *talk.Status) *statusData {
	if s == nil {
		return nil
	}
	return &statusData{string(s.Availability), optional(s.Icon), optional(s.Message), optional(s.ClearAt)}
}

// participantStatus describes a participant of a list that has statuses. All
// accounts look offline that have none; the old versions leave them out.
func participantStatus(e *app.Entry, fill bool) *statusData {
	if e.Status == nil && fill && e.Actor.Type == talk.ActorUsers {
		return &statusData{Status: string(talk.Offline)}
	}
	return newStatusData(e.Status)
}

// optional returns nil for the zero value, which is null on the wire.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// shownStatus is the status of a person as others see it.
type shownStatus struct {
	UserID  string  `json:"userId"`
	Message *string `json:"message"`
	Icon    *string `json:"icon"`
	ClearAt *int64  `json:"clearAt"`
	Status  string  `json:"status"`
}

func newShownStatus(s talk.Status) shownStatus {
	return shownStatus{s.UserID, optional(s.Message), optional(s.Icon), optional(s.ClearAt), string(s.Availability)}
}

// ownStatus is the status of the caller.
type ownStatus struct {
	UserID      string  `json:"userId"`
	Message     *string `json:"message"`
	MessageID   *string `json:"messageId"`
	Predefined  bool    `json:"messageIsPredefined"`
	Icon        *string `json:"icon"`
	ClearAt     *int64  `json:"clearAt"`
	Status      string  `json:"status"`
	UserDefined bool    `json:"statusIsUserDefined"`
}

// answerOwn answers with the caller's status.
func answerOwn(s talk.Status, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return ownStatus{
		s.UserID, optional(s.Message), optional(s.MessageID), s.MessageID != "",
		optional(s.Icon), optional(s.ClearAt), string(s.Availability), s.UserDefined,
	}, nil
}

func getOwnStatus(c *call) (any, error) {
	data, err := answerOwn(c.app.OwnStatus(c.r.Context(), c.caller()))
	if talk.IsKind(err, talk.NotFound) {
		return nil, errNoOwnStatus
	}
	return data, err
}

type availabilityParams struct {
	StatusType talk.Availability `param:"statusType;required"`
}

func setAvailability(c *call, in availabilityParams) (any, error) {
	return answerOwn(c.app.SetAvailability(c.r.Context(), c.caller(), in.StatusType))
}

type statusMessageParams struct {
	Icon    string `param:"statusIcon"`
	Message string `param:"message"`
	ClearAt int64  `param:"clearAt"`
}

func setStatusMessage(c *call, in statusMessageParams) (any, error) {
	return answerOwn(c.app.SetStatusMessage(c.r.Context(), c.caller(), in.Icon, in.Message, in.ClearAt))
}

type predefinedParams struct {
	MessageID string `param:"messageId;required"`
	ClearAt   int64  `param:"clearAt"`
}

func setPredefinedStatus(c *call, in predefinedParams) (any, error) {
	return answerOwn(c.app.SetPredefinedStatus(c.r.Context(), c.caller(), in.MessageID, in.ClearAt))
}

func clearStatusMessage(c *call) (any, error) {
	return nil, c.app.ClearStatusMessage(c.r.Context(), c.caller())
}

func revertStatus(c *call) (any, error) {
	data, err := answerOwn(c.app.RevertStatus(c.r.Context(), c.caller(), c.values["messageId"]))
	if talk.IsKind(err, talk.NotFound) {
		return nil, nil
	}
	return data, err
}

type statusPage struct {
	Limit  int `param:"limit"`
	Offset int `param:"offset"`
}

func listStatuses(c *call, in statusPage) (any, error) {
	all, err := c.app.Statuses(c.r.Context(), in.Limit, in.Offset)
	out := make([]shownStatus, len(all))
	for i, s := range all {
		out[i] = newShownStatus(s)
	}
	return out, err
}

func getStatus(c *call) (any, error) {
	s, err := c.app.StatusOf(c.r.Context(), c.values["user"])
	if talk.IsKind(err, talk.NotFound) {
		return nil, errNoStatus
	}
	return newShownStatus(s), err
}

// predefinedStatus is a message to choose.
type predefinedStatus struct {
	ID      string `json:"id"`
	Icon    string `json:"icon"`
	Message string `json:"message"`
	// ClearAt says how long it usually lasts, null for those that stay.
	ClearAt *duration `json:"clearAt"`
}

// duration is a number of seconds or the end of something.
type duration struct {
	Type string `json:"type"`
	Time any    `json:"time"`
}

func listPredefinedStatuses(*call) (any, error) {
	var out []predefinedStatus
	for _, p := range talk.PredefinedStatuses {
		if p.Internal {
			continue
		}
		s := predefinedStatus{ID: p.ID, Icon: p.Icon, Message: p.Message}
		switch {
		case p.Seconds != 0:
			s.ClearAt = &duration{"period", p.Seconds}
		case p.Until != "":
			s.ClearAt = &duration{"end-of", p.Until}
		}
		out = append(out, s)
	}
	return out, nil
}

// signOfLife takes the room list of a mobile app for one, unless it says not to:
// these apps send no heartbeat.
func (c *call) signOfLife(noUpdate int) error {
	m := talkAgent.FindStringSubmatch(c.r.UserAgent())
	if noUpdate != 0 || m == nil || m[1] != "Android" && m[1] != "iOS" {
		return nil
	}
	_, _, err := c.app.Pulse(c.r.Context(), c.caller(), talk.Online)
	return err
}

type heartbeatParams struct {
	Status talk.Availability `param:"status;required"`
}

func heartbeat(c *call, in heartbeatParams) (any, error) {
	s, kept, err := c.app.Pulse(c.r.Context(), c.caller(), in.Status)
	if err == nil && kept {
		c.status = statusNoContent
		return nil, nil
	}
	return answerOwn(s, err)
}
