package talk

import "strings"

// Limits of messages between clients.
const (
	// SignalLife is for how many seconds a message waits for its receiver.
	SignalLife = 30
	// MaxSignals is how many messages one request may send: whoever comes into a call tells each
	// of the others some twenty ways to reach them, at once.
	MaxSignals = 1000
	// MaxSignalLength is how long a message is, in bytes: descriptions of many tracks take some
	// ten thousand.
	MaxSignalLength = 1 << 16
	// MaxSignalsWaiting is how many messages wait for one session, MaxSignalsTaken how many of them
	// it is told at once: they are in the memory of the server together then.
	MaxSignalsWaiting = 500
	MaxSignalsTaken   = 100
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
// send. A screen has a permission of its own; whatever else media are said to be of is treated
// like a camera. What the server does not know is between clients.
func (s Signal) Allowed(role ParticipantType, final Permissions) bool {
	switch s.Type {
	case SignalControl:
		return role.IsAccountModerator()
	case SignalOffer, SignalAnswer:
	default:
		return true
	}
	audio, video := SentMedia(s.SDP)
	if s.RoomType == SignalScreen {
		return !audio && !video || final.Has(PermissionPublishScreen)
	}
	return (!audio || final.Has(PermissionPublishAudio)) && (!video || final.Has(PermissionPublishVideo))
}

// SentMedia reports whether whoever wrote a session description (RFC 8866) wants to send
// audio or video. It is read as the most generous client would read it, since clients do not
// agree about what is oddly written: a part is not sent if it says so itself, plainly, and
// nothing else; a carriage return inside of a line may be the end of one, so that anything
// may be sent.
func SentMedia(sdp string) (audio, video bool) {
	kind := ""
	declines, sends := false, false
	end := func() {
		audio = audio || kind == "audio" && (sends || !declines)
		video = video || kind == "video" && (sends || !declines)
	}
	for line := range strings.SplitSeq(sdp, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if strings.ContainsRune(line, '\r') {
			return true, true
		}
		plain := strings.ToLower(strings.TrimSpace(line))
		rest, ok := strings.CutPrefix(plain, "m=")
		switch {
		case ok:
			end()
			kind, declines, sends = firstWord(rest), false, false
		case line == "a=recvonly", line == "a=inactive":
			declines = true
		case strings.HasPrefix(plain, "a=sendrecv"), strings.HasPrefix(plain, "a=sendonly"):
			sends = true
		}
	}
	end()
	return audio, video
}

// firstWord is what a text begins with, up to a space.
func firstWord(text string) string {
	for word := range strings.FieldsSeq(text) {
		return word
	}
	return ""
}
