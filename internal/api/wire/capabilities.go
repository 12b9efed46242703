package wire

import (
	"parley/internal/ocs"
	"parley/internal/settings"
	"parley/internal/talk"
)

// Versions that clients compare with what they need.
const (
	// PlatformVersion is the version of the platform around it.
	PlatformVersion = "32.0.1"
	// TalkVersion is the version of Talk whose API this is.
	TalkVersion      = "21.1.7"
	maxMessageLength = 32000
	maxDescription   = 2000
)

// callReactions are those that people in a call can send.
var callReactions = []string{"❤️", "🎉", "👏", "👋", "👍", "👎", "🔥", "😂", "🤩", "🤔", "😲", "😥"}

// feature is a capability of Talk. local ones stay the server's own in a
// conversation of another server.
type feature struct {
	name  string
	local bool
}

// talkFeatures are the capabilities that this server really has, in the order
// in which Talk lists them.
var talkFeatures = []feature{
	{name: "audio"},
	{name: "video"},
	{name: "chat-v2"},
	{name: "conversation-v4"},
	{name: "guest-signaling"},
	{name: "empty-group-room"},
	{name: "guest-display-names"},
	{name: "multi-room-users"},
	{name: "favorites", local: true},
	{name: "last-room-activity"},
	{name: "no-ping"},
	{name: "system-messages"},
	{name: "delete-messages"},
	{name: "mention-flag"},
	{name: "in-call-flags"},
	{name: "conversation-call-flags"},
	{name: "notification-levels"},
	{name: "invite-groups-and-mails"},
	{name: "locked-one-to-one-rooms"},
	{name: "read-only-rooms"},
	{name: "listable-rooms", local: true},
	{name: "chat-read-marker"},
	{name: "chat-unread"},
	{name: "webinary-lobby"},
	{name: "start-call-flag"},
	{name: "chat-replies"},
	{name: "circles-support"},
	{name: "force-mute"},
	{name: "sip-support"},
	{name: "sip-support-nopin"},
	{name: "chat-read-status", local: true},
	{name: "raise-hand"},
	{name: "room-description"},
	{name: "rich-object-sharing"},
	{name: "temp-user-avatar-api", local: true},
	{name: "geo-location-sharing"},
	{name: "signaling-v3"},
	{name: "publishing-permissions"},
	{name: "clear-history"},
	{name: "direct-mention-flag"},
	{name: "notification-calls"},
	{name: "conversation-permissions"},
	{name: "rich-object-list-media"},
	{name: "rich-object-delete"},
	{name: "unified-search", local: true},
	{name: "chat-permission"},
	{name: "silent-send"},
	{name: "silent-call"},
	{name: "send-call-notification"},
	{name: "talk-polls"},
	{name: "breakout-rooms-v1"},
	{name: "avatar", local: true},
	{name: "chat-get-context"},
	{name: "single-conversation-status"},
	{name: "chat-keep-notifications"},
	{name: "typing-privacy"},
	{name: "remind-me-later", local: true},
	{name: "bots-v1"},
	{name: "markdown-messages"},
	{name: "session-state"},
	{name: "note-to-self", local: true},
	{name: "sip-support-dialout"},
	{name: "delete-messages-unlimited"},
	{name: "edit-messages"},
	{name: "silent-send-state"},
	{name: "chat-read-last"},
	{name: "ban-v1"},
	{name: "chat-reference-id"},
	{name: "mention-permissions"},
	{name: "edit-messages-note-to-self"},
	{name: "archived-conversations-v2", local: true},
	{name: "talk-polls-drafts"},
	{name: "download-call-participants"},
	{name: "email-csv-import"},
	{name: "conversation-creation-password"},
	{name: "call-notification-state-api", local: true},
	{name: "edit-draft-poll"},
	{name: "conversation-creation-all", local: true},
	{name: "important-conversations", local: true},
	{name: "unbind-conversation"},
	{name: "sip-direct-dialin", local: true},
	{name: "upcoming-reminders", local: true},
	{name: "sensitive-conversations", local: true},
	{name: "message-expiration"},
	{name: "reactions"},
}

// FeatureNames returns the names of the features, or of the local ones.
func FeatureNames(onlyLocal bool) []string {
	var out []string
	for _, f := range talkFeatures {
		if f.local || !onlyLocal {
			out = append(out, f.name)
		}
	}
	return out
}

// Talk describes Talk to a caller.
func Talk(o *settings.Offer) ocs.Object {
	return ocs.Object{
		"features":       FeatureNames(false),
		"features-local": FeatureNames(true),
		"config":         talkConfig(o),
		"config-local": ocs.Object{
			"attachments":   []string{"allowed", "folder"},
			"call":          []string{"predefined-backgrounds", "predefined-backgrounds-v2", "can-upload-background", "start-without-media", "blur-virtual-background"},
			"chat":          []string{"read-privacy", "has-translation-providers", "has-translation-task-providers", "typing-privacy", "summary-threshold"},
			"conversations": []string{"can-create", "list-style", "description-length"},
			"federation":    []string{"enabled", "incoming-enabled", "outgoing-enabled", "only-trusted-servers"},
			"previews":      []string{"max-gif-size"},
			"signaling":     []string{"session-ping-limit", "hello-v2-token-key"},
			"experiments":   []string{"enabled"},
		},
		"version": TalkVersion,
	}
}

func talkConfig(o *settings.Offer) ocs.Object {
	s := o.Settings
	return ocs.Object{
		"attachments": ocs.Object{"allowed": false},
		"call": ocs.Object{
			"enabled": s.StartCalls != talk.StartCallsNobody, "breakout-rooms": s.BreakoutRooms, "recording": s.Records(), "recording-consent": s.Consent(),
			"supported-reactions": callReactions, "sip-enabled": s.SIPConfigured(), "sip-dialout-enabled": s.SIPConfigured() && s.SIPDialout,
			"can-enable-sip": o.MayEnableSIP, "start-without-media": o.StartWithoutMedia, "max-duration": s.MaxCallDuration,
			"blur-virtual-background": o.BlurBackground, "end-to-end-encryption": false, "can-upload-background": false,
			"predefined-backgrounds": []string{}, "predefined-backgrounds-v2": []string{},
		},
		"chat": ocs.Object{
			"max-length": maxMessageLength, "read-privacy": o.ReadPrivacy, "typing-privacy": o.TypingPrivacy,
			"has-translation-providers": false, "has-translation-task-providers": false, "summary-threshold": 100,
		},
		"conversations": ocs.Object{
			"can-create": o.MayCreate, "force-passwords": s.ForcePasswords, "list-style": o.ListStyle,
			"description-length": maxDescription, "retention-event": s.RetentionEvent, "retention-phone": s.RetentionPhone,
			"retention-instant-meetings": s.RetentionInstant,
		},
		"federation":  ocs.Object{"enabled": false, "incoming-enabled": false, "outgoing-enabled": false, "only-trusted-servers": true},
		"previews":    ocs.Object{"max-gif-size": 3145728},
		"signaling":   signalingConfig(s),
		"experiments": ocs.Object{"enabled": 0},
	}
}

// signalingConfig is what signaling servers read.
func signalingConfig(s *settings.Settings) ocs.Object {
	out := ocs.Object{"session-ping-limit": 200}
	if s.TokenKey != nil {
		if public, err := s.TokenKey.Public(); err == nil {
			out["hello-v2-token-key"] = public
		}
	}
	return out
}

// TalkExample is the example of Talk's offer for the document of the API. The key of tokens is
// there once there is one.
func TalkExample() ocs.Object {
	talk, config := Talk(AnOffer()), talkConfig(AnOffer())
	config["signaling"] = ocs.Object{
		"session-ping-limit": 200,
		"hello-v2-token-key": ocs.MayBeAbsent{Example: "-----BEGIN PUBLIC KEY-----\n…\n-----END PUBLIC KEY-----\n"},
	}
	talk["config"] = config
	return talk
}

// AnOffer is an example for the document of the API.
func AnOffer() *settings.Offer { return &settings.Offer{Settings: &settings.Settings{}} }
