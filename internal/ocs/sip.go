package ocs

import (
	"parley/internal/app"
	"parley/internal/talk"
)

type sipStateParams struct {
	State talk.SIPState `param:"state;required"`
}

// setSIP answers with the conversation also in API v3.
func setSIP(c *call, in sipStateParams) (any, error) {
	if err := c.app.SetSIP(c.r.Context(), c.scope(), in.State); err != nil {
		return nil, err
	}
	return c.room()
}

type consentParams struct {
	RecordingConsent int `param:"recordingConsent;required"`
}

// setRecordingConsent refuses: without a recording server there is nothing to
// agree to.
func setRecordingConsent(*call, consentParams) (any, error) {
	return nil, talk.Fail(talk.NotReady, "config")
}

// The endpoints of the SIP bridge, see participants.md §15.

// proof reads how the bridge shows who it is.
func (c *call) proof() talk.BridgeProof {
	return talk.BridgeProof{
		Random:   header(c.r.Header, "Talk-Sipbridge-Random"),
		Checksum: header(c.r.Header, "Talk-Sipbridge-Checksum"),
	}
}

func (c *call) bridge() app.BridgeScope { return app.BridgeScope{Scope: c.scope(), Proof: c.proof()} }

// bridged answers the bridge with a conversation and counts a proof that failed.
func (c *call) bridged(v *app.RoomView, err error) (any, error) {
	if err != nil {
		return nil, c.unproven(err)
	}
	return c.roomData(v)
}

// unproven counts a proof that failed and returns err.
func (c *call) unproven(err error) error {
	if talk.IsKind(err, talk.Unauthenticated) {
		c.attempt = sipAction
	}
	return err
}

// outline answers the bridge, which may know of every conversation.
func outline(c *call) (any, error) {
	v, err := c.app.BridgeRoom(c.r.Context(), c.bridge())
	if talk.IsKind(err, talk.NotFound) {
		c.attempt = tokenAction
	}
	return c.bridged(v, err)
}

func lookUpPIN(c *call) (any, error) {
	return c.bridged(c.app.VerifyDialin(c.r.Context(), c.bridge(), c.values["pin"]))
}

type dialinParams struct {
	PIN string `param:"pin;required"`
}

func verifyDialin(c *call, in dialinParams) (any, error) {
	return c.bridged(c.app.VerifyDialin(c.r.Context(), c.bridge(), in.PIN))
}

func openDialin(c *call) (any, error) {
	return c.bridged(c.app.OpenDialin(c.r.Context(), c.bridge()))
}

type directDialinParams struct {
	PhoneNumber string `param:"phoneNumber;required"`
	Caller      string `param:"caller;required"`
}

func directDialin(c *call, in directDialinParams) (any, error) {
	return c.bridged(c.app.DirectDialin(c.r.Context(), c.bridge(), in.PhoneNumber, in.Caller))
}

type dialoutParams struct {
	Number  string `param:"number;required"`
	Options object `param:"options"`
}

func verifyDialout(c *call, in dialoutParams) (any, error) {
	kind, _ := in.Options["actorType"].(string)
	id, _ := in.Options["actorId"].(string)
	who := talk.Actor{Type: talk.ActorType(kind), ID: id}
	return c.bridged(c.app.VerifyDialout(c.r.Context(), c.bridge(), in.Number, who))
}

type rejectionParams struct {
	CallID  string `param:"callId;required"`
	Options object `param:"options"`
}

func rejectDialout(c *call, in rejectionParams) (any, error) {
	var attendee int64
	if id, given := in.Options["attendeeId"]; given && id != nil {
		attendee = toInt(id)
	}
	return nil, c.unproven(c.app.RejectDialout(c.r.Context(), c.bridge(), attendee, in.CallID))
}
