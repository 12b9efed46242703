package directory

import (
	"parley/internal/ocs"
	"parley/internal/talk"
)

// shownStatus is the status of a person as others see it.
type shownStatus struct {
	UserID  string  `json:"userId"`
	Message *string `json:"message"`
	Icon    *string `json:"icon"`
	ClearAt *int64  `json:"clearAt"`
	Status  string  `json:"status"`
}

func newShownStatus(s talk.Status) shownStatus {
	return shownStatus{s.UserID, ocs.Optional(s.Message), ocs.Optional(s.Icon), ocs.Optional(s.ClearAt), string(s.Availability)}
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
		s.UserID, ocs.Optional(s.Message), ocs.Optional(s.MessageID), s.MessageID != "",
		ocs.Optional(s.Icon), ocs.Optional(s.ClearAt), string(s.Availability), s.UserDefined,
	}, nil
}

func (a *API) getOwnStatus(c *ocs.Call) (any, error) {
	data, err := answerOwn(a.directory.OwnStatus(c.Context(), c.Caller()))
	if talk.IsKind(err, talk.NotFound) {
		return nil, ocs.Message(talk.NotFound, "no own status", "No status for the current user")
	}
	return data, err
}

type availabilityParams struct {
	StatusType talk.Availability `param:"statusType;required"`
}

func (a *API) setAvailability(c *ocs.Call, in availabilityParams) (any, error) {
	return answerOwn(a.directory.SetAvailability(c.Context(), c.Caller(), in.StatusType))
}

type statusMessageParams struct {
	Icon    string `param:"statusIcon"`
	Message string `param:"message"`
	ClearAt int64  `param:"clearAt"`
}

func (a *API) setStatusMessage(c *ocs.Call, in statusMessageParams) (any, error) {
	return answerOwn(a.directory.SetStatusMessage(c.Context(), c.Caller(), in.Icon, in.Message, in.ClearAt))
}

type predefinedParams struct {
	MessageID string `param:"messageId;required"`
	ClearAt   int64  `param:"clearAt"`
}

func (a *API) setPredefinedStatus(c *ocs.Call, in predefinedParams) (any, error) {
	return answerOwn(a.directory.SetPredefinedStatus(c.Context(), c.Caller(), in.MessageID, in.ClearAt))
}

func (a *API) clearStatusMessage(c *ocs.Call) (any, error) {
	return nil, a.directory.ClearStatusMessage(c.Context(), c.Caller())
}

func (a *API) revertStatus(c *ocs.Call) (any, error) {
	data, err := answerOwn(a.directory.RevertStatus(c.Context(), c.Caller(), c.Value("messageId")))
	if talk.IsKind(err, talk.NotFound) {
		return nil, nil
	}
	return data, err
}

type statusPage struct {
	Limit  int `param:"limit"`
	Offset int `param:"offset"`
}

func (a *API) listStatuses(c *ocs.Call, in statusPage) (any, error) {
	all, err := a.directory.Statuses(c.Context(), in.Limit, in.Offset)
	out := make([]shownStatus, len(all))
	for i, s := range all {
		out[i] = newShownStatus(s)
	}
	return out, err
}

func (a *API) getStatus(c *ocs.Call) (any, error) {
	s, err := a.directory.StatusOf(c.Context(), c.Value("user"))
	if talk.IsKind(err, talk.NotFound) {
		return nil, ocs.Message(talk.NotFound, "no such status", "No status for the requested userId")
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

func (a *API) listPredefinedStatuses(_ *ocs.Call) (any, error) {
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

type heartbeatParams struct {
	Status talk.Availability `param:"status;required"`
}

func (a *API) heartbeat(c *ocs.Call, in heartbeatParams) (any, error) {
	s, kept, err := a.directory.Pulse(c.Context(), c.Caller(), in.Status)
	if err == nil && kept {
		c.Status = ocs.StatusNoContent
		return nil, nil
	}
	return answerOwn(s, err)
}
