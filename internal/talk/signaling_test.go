package talk_test

import (
	"strings"
	"testing"

	"parley/internal/talk"
)

func TestSentMedia(t *testing.T) {
	lines := func(all ...string) string {
		return "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n" + strings.Join(all, "\r\n") + "\r\n"
	}
	for name, c := range map[string]struct {
		sdp          string
		audio, video bool
	}{
		"nothing":                 {"", false, false},
		"no media":                {lines(), false, false},
		"audio by default":        {lines("m=audio 9 UDP/TLS/RTP/SAVPF 111"), true, false},
		"both ways":               {lines("m=audio 9 X 1", "a=sendrecv", "m=video 9 X 1", "a=sendonly"), true, true},
		"receives":                {lines("m=audio 9 X 1", "a=recvonly", "m=video 9 X 1", "a=inactive"), false, false},
		"one of two":              {lines("m=audio 9 X 1", "a=recvonly", "m=audio 9 X 1", "a=sendonly"), true, false},
		"of the session":          {lines("a=recvonly", "m=audio 9 X 1", "m=video 9 X 1", "a=recvonly"), true, false},
		"both words":              {lines("m=audio 9 X 1", "a=recvonly", "a=sendonly"), true, false},
		"the other way round":     {lines("m=audio 9 X 1", "a=sendonly", "a=recvonly"), true, false},
		"a word with more":        {lines("m=audio 9 X 1", "a=recvonly", "a=sendrecv:x", "m=video 9 X 1", "a=sendonly y"), true, true},
		"no word with more":       {lines("m=audio 9 X 1", "a=recvonly:x", "m=video 9 X 1", "a=inactive "), true, true},
		"no port is no answer":    {lines("m=video 0 X 1", "a=bundle-only", "a=sendrecv"), false, true},
		"data":                    {lines("m=application 9 DTLS/SCTP 5000"), false, false},
		"line feeds alone":        {"m=audio 9 X 1\na=sendrecv\n", true, false},
		"carriage returns alone":  {"m=audio 9 X 1\ra=recvonly\rm=video 9 X 1\ra=recvonly", true, true},
		"one that is none":        {lines("m=video 9 X 1", "a=sendrecv", "a=x:\ra=recvonly"), true, true},
		"another that is none":    {lines("m=video 9 X 1", "a=recvonly", "a=x:\rm=application 9 X", "a=sendrecv"), true, true},
		"two carriage returns":    {"m=video 9 X 1\na=recvonly\r\r\n", true, true},
		"spaces":                  {lines(" m= audio 9 X 1", "a=sendonly "), true, false},
		"a tab":                   {lines("m=audio\t9 X 1", "m=video\t9 X 1", "a=recvonly"), true, false},
		"capitals":                {lines("m=AUDIO 9 X 1", "a=recvonly", "A=SENDRECV"), true, false},
		"hidden by another sign":  {"m=audio 9 X 1\u2028a=recvonly", true, false},
		"direction inside a text": {lines("m=audio 9 X 1", "a=label:a=recvonly"), true, false},
	} {
		if audio, video := talk.SentMedia(c.sdp); audio != c.audio || video != c.video {
			t.Errorf("%s: %v, %v", name, audio, video)
		}
	}
}

func TestAllowedSignals(t *testing.T) {
	const audio, video, screen = talk.PermissionPublishAudio, talk.PermissionPublishVideo, talk.PermissionPublishScreen
	sendsAudio, sendsVideo, sendsNothing := "m=audio 9 X 1", "m=video 9 X 1", "m=video 9 X 1\na=recvonly"
	for _, c := range []struct {
		kind, room, sdp string
		role            talk.ParticipantType
		final           talk.Permissions
		want            bool
	}{
		{"control", "", "", talk.Owner, 0, true},
		{"control", "", "", talk.Moderator, 0, true},
		{"control", "", "", talk.GuestModerator, talk.PermissionsAll, false},
		{"control", "", "", talk.Member, talk.PermissionsAll, false},
		{"control", "", "", talk.GuestRole, talk.PermissionsAll, false},
		{"offer", "video", sendsAudio, talk.Member, audio, true},
		{"offer", "video", sendsAudio, talk.Member, video | screen, false},
		{"answer", "video", sendsVideo, talk.Member, video, true},
		{"answer", "video", sendsVideo, talk.Member, audio | screen, false},
		{"offer", "video", sendsNothing, talk.GuestRole, 0, true},
		{"offer", "screen", sendsVideo, talk.Member, screen, true},
		{"offer", "screen", sendsVideo, talk.Member, audio | video, false},
		{"answer", "screen", sendsNothing, talk.GuestRole, 0, true},
		{"offer", "other", sendsVideo, talk.GuestRole, 0, false},
		{"offer", "", sendsVideo, talk.Member, screen | audio, false},
		{"answer", "", sendsVideo, talk.Member, video, true},
		{"candidate", "video", sendsVideo, talk.GuestRole, 0, true},
		{"raiseHand", "", "", talk.GuestRole, 0, true},
		{"", "", "", talk.GuestRole, 0, true},
	} {
		got := talk.Signal{Type: c.kind, RoomType: c.room, SDP: c.sdp}.Allowed(c.role, c.final)
		if got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// FuzzSentMedia: no description makes trouble, and one that sends does so with more after it
// that says nothing of media.
func FuzzSentMedia(f *testing.F) {
	f.Add("v=0\r\nm=audio 9 X 1\r\na=recvonly\r\n")
	f.Add("m=video\ra=sendonly\nm=")
	f.Fuzz(func(t *testing.T, sdp string) {
		audio, video := talk.SentMedia(sdp)
		again, also := talk.SentMedia(sdp + "\na=mid:1\r\n")
		if audio != again || video != also {
			t.Errorf("%q: %v %v, %v %v", sdp, audio, video, again, also)
		}
	})
}
