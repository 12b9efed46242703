package ocs

import (
	"crypto/sha1" //nolint:gosec // a fingerprint that clients compare, nothing is protected by it
	"encoding/hex"
	"encoding/json"
	"strings"

	"parley/internal/app"
)

// Versions that clients compare with what they need.
const (
	platformVersion  = "32.0.1"
	talkVersion      = "21.1.7"
	maxMessageLength = 32000
	maxDescription   = 2000
)

// feature is a capability of Talk. local ones stay the server's own in a
// conversation of another server.
type feature struct {
	name  string
	local bool
}

// talkFeatures are the capabilities that this server really has, in the order
// in which Talk lists them.
var talkFeatures = []feature{
	{name: "conversation-v4"},
	{name: "empty-group-room"},
	{name: "guest-display-names"},
	{name: "multi-room-users"},
	{name: "favorites", local: true},
	{name: "last-room-activity"},
	{name: "no-ping"},
	{name: "system-messages"},
	{name: "in-call-flags"},
	{name: "notification-levels"},
	{name: "invite-groups-and-mails"},
	{name: "locked-one-to-one-rooms"},
	{name: "read-only-rooms"},
	{name: "listable-rooms", local: true},
	{name: "webinary-lobby"},
	{name: "start-call-flag"},
	{name: "circles-support"},
	{name: "sip-support"},
	{name: "sip-support-nopin"},
	{name: "room-description"},
	{name: "publishing-permissions"},
	{name: "notification-calls"},
	{name: "conversation-permissions"},
	{name: "chat-permission"},
	{name: "single-conversation-status"},
	{name: "typing-privacy"},
	{name: "session-state"},
	{name: "note-to-self", local: true},
	{name: "ban-v1"},
	{name: "mention-permissions"},
	{name: "archived-conversations-v2", local: true},
	{name: "email-csv-import"},
	{name: "conversation-creation-password"},
	{name: "conversation-creation-all", local: true},
	{name: "important-conversations", local: true},
	{name: "unbind-conversation"},
	{name: "sip-direct-dialin", local: true},
	{name: "sensitive-conversations", local: true},
}

// featureNames returns the names of the features, or of the local ones.
func featureNames(onlyLocal bool) []string {
	var out []string
	for _, f := range talkFeatures {
		if f.local || !onlyLocal {
			out = append(out, f.name)
		}
	}
	return out
}

// object is a JSON object whose keys are data, not structure.
type object = map[string]any

// spreed describes Talk to a caller, see platform.md §3.2.
func spreed(o *app.Offer) object {
	return object{
		"features":       featureNames(false),
		"features-local": featureNames(true),
		"config":         talkConfig(o),
		"config-local": object{
			"attachments":   []string{"allowed", "folder"},
			"call":          []string{"predefined-backgrounds", "predefined-backgrounds-v2", "can-upload-background", "start-without-media", "blur-virtual-background"},
			"chat":          []string{"read-privacy", "has-translation-providers", "has-translation-task-providers", "typing-privacy", "summary-threshold"},
			"conversations": []string{"can-create", "list-style", "description-length"},
			"federation":    []string{"enabled", "incoming-enabled", "outgoing-enabled", "only-trusted-servers"},
			"previews":      []string{"max-gif-size"},
			"signaling":     []string{"session-ping-limit"},
			"experiments":   []string{"enabled"},
		},
		"version": talkVersion,
	}
}

func talkConfig(o *app.Offer) object {
	s := o.Settings
	return object{
		"attachments": object{"allowed": false},
		"call": object{
			"enabled": false, "breakout-rooms": s.BreakoutRooms, "recording": s.Records(), "recording-consent": s.Consent(),
			"supported-reactions": []string{}, "sip-enabled": s.SIPConfigured(), "sip-dialout-enabled": false,
			"can-enable-sip": o.MayEnableSIP, "start-without-media": o.StartWithoutMedia, "max-duration": s.MaxCallDuration,
			"blur-virtual-background": o.BlurBackground, "end-to-end-encryption": false, "can-upload-background": false,
			"predefined-backgrounds": []string{}, "predefined-backgrounds-v2": []string{},
		},
		"chat": object{
			"max-length": maxMessageLength, "read-privacy": o.ReadPrivacy, "typing-privacy": o.TypingPrivacy,
			"has-translation-providers": false, "has-translation-task-providers": false, "summary-threshold": 100,
		},
		"conversations": object{
			"can-create": o.MayCreate, "force-passwords": s.ForcePasswords, "list-style": o.ListStyle,
			"description-length": maxDescription, "retention-event": s.RetentionEvent, "retention-phone": s.RetentionPhone,
			"retention-instant-meetings": s.RetentionInstant,
		},
		"federation":  object{"enabled": false, "incoming-enabled": false, "outgoing-enabled": false, "only-trusted-servers": true},
		"previews":    object{"max-gif-size": 3145728},
		"signaling":   object{"session-ping-limit": 200},
		"experiments": object{"enabled": 0},
	}
}

func capabilities(c *call) (any, error) {
	o, err := c.app.Offer(c.r.Context(), c.caller())
	if err != nil {
		return nil, err
	}
	return c.unlessKnown(serverData(o, o.Allowed, c.caller().LoggedIn()))
}

// serverData describes the server: to those who may use Talk and to those who
// are logged in.
func serverData(o *app.Offer, allowed, loggedIn bool) object {
	blocks := object{}
	if allowed {
		blocks["spreed"] = spreed(o)
	}
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
	}
}

// unlessKnown answers with data, or that nothing changed when the client has it
// already.
func (c *call) unlessKnown(data any) (any, error) {
	text, err := json.Marshal(data)
	if err != nil {
		return nil, err
	}
	sum := sha1.Sum(text) //nolint:gosec // see the import
	etag := `"` + hex.EncodeToString(sum[:]) + `"`
	c.header.Set("ETag", etag)
	if strings.Contains(c.r.Header.Get("If-None-Match"), etag) {
		c.status = statusNotModified
		return nil, nil
	}
	return json.RawMessage(text), nil
}

func roomCapabilities(c *call) (any, error) {
	o, err := c.app.Offer(c.r.Context(), c.caller())
	if err != nil {
		return nil, err
	}
	return spreed(o), c.setTalkHash(o.Settings)
}

// talkHashHeader tells clients to read the capabilities again when it changes.
const talkHashHeader = "X-Nextcloud-Talk-Hash"

// talkHashes are the values of that header for one state of the settings.
type talkHashes struct {
	settings    *app.Settings
	user, guest string
}

// setTalkHash sets the header under these settings; nil stands for those that
// count now.
func (c *call) setTalkHash(s *app.Settings) error {
	if s == nil {
		var err error
		if s, err = c.app.Settings(c.r.Context()); err != nil {
			return err
		}
	}
	h := c.hashes.Load()
	if h == nil || h.settings != s {
		var err error
		if h, err = newTalkHashes(s); err != nil {
			return err
		}
		c.hashes.Store(h)
	}
	value := h.guest
	if c.caller().LoggedIn() {
		value = h.user
	}
	c.header.Set(talkHashHeader, value)
	return nil
}

// newTalkHashes computes the header of users and guests from what everybody of
// the kind is told.
func newTalkHashes(s *app.Settings) (*talkHashes, error) {
	h := &talkHashes{settings: s}
	for target, o := range map[*string]*app.Offer{
		&h.guest: {Settings: s},
		&h.user:  {Settings: s, MayCreate: true},
	} {
		text, err := json.Marshal([]any{s.Fingerprint(), spreed(o)})
		if err != nil {
			return nil, err
		}
		sum := sha1.Sum(text) //nolint:gosec // see the import
		*target = hex.EncodeToString(sum[:])
	}
	return h, nil
}
