package conversation

import (
	"parley/internal/auth"
	"parley/internal/conversation"
	"parley/internal/ocs"
	"parley/internal/talk"
)

type sipStateParams struct {
	State talk.SIPState `param:"state;required"`
}

// setSIP answers with the conversation also in API v3.
func (a *API) setSIP(c *ocs.Call, in sipStateParams) (any, error) {
	if err := a.conversations.SetSIP(c.Context(), c.Scope(), in.State); err != nil {
		return nil, err
	}
	return a.room(c)
}

type consentParams struct {
	RecordingConsent int `param:"recordingConsent;required"`
}

// setRecordingConsent refuses: without a recording server there is nothing to
// agree to.
func (a *API) setRecordingConsent(_ *ocs.Call, _ consentParams) (any, error) {
	return nil, talk.Fail(talk.NotReady, "config")
}

// The endpoints of the SIP bridge

func bridgeScope(c *ocs.Call) conversation.BridgeScope {
	return conversation.BridgeScope{Scope: c.Scope(), Proof: c.BridgeProof()}
}

// bridged answers the bridge with a conversation and counts a proof that failed.
func (a *API) bridged(c *ocs.Call, v *conversation.RoomView, err error) (any, error) {
	if err != nil {
		return nil, unproven(c, err)
	}
	return a.roomData(c, v)
}

// unproven counts a proof that failed and returns err.
func unproven(c *ocs.Call, err error) error {
	if talk.IsKind(err, talk.Unauthenticated) {
		c.Attempt = auth.ActionSIPSecret
	}
	return err
}

// outline answers the bridge, which may know of every conversation.
func (a *API) outline(c *ocs.Call) (any, error) {
	v, err := a.conversations.BridgeRoom(c.Context(), bridgeScope(c))
	if talk.IsKind(err, talk.NotFound) {
		c.Attempt = auth.ActionRoomToken
	}
	return a.bridged(c, v, err)
}

func (a *API) lookUpPIN(c *ocs.Call) (any, error) {
	v, err := a.conversations.VerifyDialin(c.Context(), bridgeScope(c), c.Value("pin"))
	return a.bridged(c, v, err)
}

type dialinParams struct {
	PIN string `param:"pin;required"`
}

func (a *API) verifyDialin(c *ocs.Call, in dialinParams) (any, error) {
	v, err := a.conversations.VerifyDialin(c.Context(), bridgeScope(c), in.PIN)
	return a.bridged(c, v, err)
}

func (a *API) openDialin(c *ocs.Call) (any, error) {
	v, err := a.conversations.OpenDialin(c.Context(), bridgeScope(c))
	return a.bridged(c, v, err)
}

type directDialinParams struct {
	PhoneNumber string `param:"phoneNumber;required"`
	Caller      string `param:"caller;required"`
}

func (a *API) directDialin(c *ocs.Call, in directDialinParams) (any, error) {
	v, err := a.conversations.DirectDialin(c.Context(), bridgeScope(c), in.PhoneNumber, in.Caller)
	return a.bridged(c, v, err)
}

type dialoutParams struct {
	Number  string     `param:"number;required"`
	Options ocs.Object `param:"options"`
}

func (a *API) verifyDialout(c *ocs.Call, in dialoutParams) (any, error) {
	kind, _ := in.Options["actorType"].(string)
	id, _ := in.Options["actorId"].(string)
	who := talk.Actor{Type: talk.ActorType(kind), ID: id}
	v, err := a.conversations.VerifyDialout(c.Context(), bridgeScope(c), in.Number, who)
	return a.bridged(c, v, err)
}

type rejectionParams struct {
	CallID  string     `param:"callId;required"`
	Options ocs.Object `param:"options"`
}

func (a *API) rejectDialout(c *ocs.Call, in rejectionParams) (any, error) {
	var attendee int64
	if id, given := in.Options["attendeeId"]; given && id != nil {
		attendee = ocs.ToInt(id)
	}
	return nil, unproven(c, a.conversations.RejectDialout(c.Context(), bridgeScope(c), attendee, in.CallID))
}
