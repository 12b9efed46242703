package talk

import "strings"

// Limits of messages between clients.
const (
	// SignalLife is for how many seconds a message waits for its receiver.
	SignalLife = 30
	// MaxSignals is how many messages one request may send.
	MaxSignals = 200
	// MaxSignalLength is how long a message is, in bytes: descriptions of many tracks take some
	// ten thousand.
	MaxSignalLength = 1 << 16
	// MaxSignalsWaiting is how many messages wait for one session.
	MaxSignalsWaiting = 500
)

// The types of messages between clients that the server looks at.
const (
	SignalControl = "control"
	SignalOffer   = "offer"
	SignalAnswer  = "answer"
)

// The media that offers and answers are about.
const (
	SignalVideo  = "video"
	SignalScreen = "screen"
)

// Signal is what the server looks at of a message from one client to another.
type Signal struct {
	Type, RoomType string
	// SDP describes the media of an offer or answer.
	SDP string
}

// Allowed reports whether an attendee with the final permissions may send the message: orders
// to others come from moderators with an account, and nobody offers media that they may not
// send. What the server does not know is between clients.
func (s Signal) Allowed(role ParticipantType, final Permissions) bool {
	switch s.Type {
	case SignalControl:
		return role.IsAccountModerator()
	case SignalOffer, SignalAnswer:
	default:
		return true
	}
	audio, video := SentMedia(s.SDP)
	switch s.RoomType {
	case SignalVideo:
		return (!audio || final.Has(PermissionPublishAudio)) && (!video || final.Has(PermissionPublishVideo))
	case SignalScreen:
		return !audio && !video || final.Has(PermissionPublishScreen)
	}
	return true
}

// SentMedia reports whether whoever wrote a session description (RFC 8866) wants to send
// audio or video. A part that says nothing else is sent and received.
func SentMedia(sdp string) (audio, video bool) {
	session, sends := true, true
	kind := ""
	end := func() {
		audio = audio || kind == "audio" && sends
		video = video || kind == "video" && sends
	}
	fallback := true
	for line := range strings.FieldsFuncSeq(sdp, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "m="); ok {
			if end(); session {
				session, fallback = false, sends
			}
			kind, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
			kind, sends = strings.ToLower(kind), fallback
			continue
		}
		switch line {
		case "a=sendrecv", "a=sendonly":
			sends = true
		case "a=recvonly", "a=inactive":
			sends = false
		}
	}
	end()
	return audio, video
}
