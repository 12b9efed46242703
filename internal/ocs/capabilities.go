package ocs

import (
	"crypto/sha1" //nolint:gosec // a fingerprint that clients compare, nothing is protected by it
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Versions that clients compare with what they need.
const (
	platformVersion  = "32.0.1"
	talkVersion      = "21.1.7"
	maxMessageLength = 32000
	maxDescription   = 2000
)

// features are the capabilities of Talk that this server really has, in the
// order in which Talk lists them.
func features() []string {
	return []string{
		"conversation-v4", "empty-group-room", "guest-display-names", "multi-room-users", "favorites", "last-room-activity",
		"no-ping", "system-messages", "in-call-flags", "notification-levels", "invite-groups-and-mails",
		"locked-one-to-one-rooms", "read-only-rooms", "listable-rooms", "webinary-lobby", "start-call-flag", "circles-support",
		"room-description", "publishing-permissions", "notification-calls", "conversation-permissions", "chat-permission",
		"session-state", "note-to-self", "ban-v1", "mention-permissions", "archived-conversations-v2", "conversation-creation-password",
		"conversation-creation-all", "important-conversations", "sensitive-conversations", "unbind-conversation",
	}
}

// localFeatures are the features that stay the server's own in a conversation
// of another server.
func localFeatures() []string {
	return []string{
		"favorites", "listable-rooms", "note-to-self", "archived-conversations-v2", "conversation-creation-all",
		"important-conversations", "sensitive-conversations",
	}
}

// object is a JSON object whose keys are data, not structure.
type object = map[string]any

func spreed(loggedIn bool) object {
	return object{
		"features":       features(),
		"features-local": localFeatures(),
		"config": object{
			"attachments": object{"allowed": false},
			"call": object{
				"enabled": false, "breakout-rooms": false, "recording": false, "recording-consent": 0, "supported-reactions": []string{},
				"sip-enabled": false, "sip-dialout-enabled": false, "can-enable-sip": false, "start-without-media": false,
				"max-duration": 0, "blur-virtual-background": false, "end-to-end-encryption": false, "can-upload-background": false,
				"predefined-backgrounds": []string{}, "predefined-backgrounds-v2": []string{},
			},
			"chat": object{
				"max-length": maxMessageLength, "read-privacy": 0, "typing-privacy": 0, "has-translation-providers": false,
				"has-translation-task-providers": false, "summary-threshold": 100,
			},
			"conversations": object{
				"can-create": loggedIn, "force-passwords": false, "list-style": "two-lines", "description-length": maxDescription,
				"retention-event": 28, "retention-phone": 7, "retention-instant-meetings": 1,
			},
			"federation": object{"enabled": false, "incoming-enabled": false, "outgoing-enabled": false, "only-trusted-servers": true},
			"previews":   object{"max-gif-size": 3145728},
			"signaling":  object{"session-ping-limit": 200},
			"experiments": object{
				"enabled": 0,
			},
		},
		"config-local": object{
			"attachments":   []string{"allowed", "folder"},
			"conversations": []string{"can-create", "list-style", "description-length"},
		},
		"version": talkVersion,
	}
}

func capabilities(c *call) (any, error) {
	loggedIn := c.caller().LoggedIn()
	blocks := object{"spreed": spreed(loggedIn)}
	if loggedIn {
		blocks["core"] = object{
			"pollinterval": 60, "webdav-root": "remote.php/webdav", "reference-api": false, "mod-rewrite-working": true,
		}
		blocks["provisioning_api"] = object{"version": "1.22.0", "AccountPropertyScopesVersion": 2}
		blocks["user_status"] = object{"enabled": false, "restore": false, "supports_emoji": false, "supports_busy": false}
	}
	return object{
		"version": object{
			"major": 32, "minor": 0, "micro": 1, "string": platformVersion, "edition": "", "extendedSupport": false,
		},
		"capabilities": blocks,
	}, nil
}

func roomCapabilities(c *call) (any, error) {
	c.header.Set(talkHashHeader, c.talkHash())
	return spreed(c.caller().LoggedIn()), nil
}

// talkHash changes when what the server announces to this sort of caller
// changes.
func (c *call) talkHash() string {
	text, err := json.Marshal(spreed(c.caller().LoggedIn()))
	if err != nil {
		text = []byte(fmt.Sprint(err))
	}
	sum := sha1.Sum(text) //nolint:gosec // see the import
	return hex.EncodeToString(sum[:])
}
