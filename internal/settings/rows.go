package settings

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"parley/internal/jwt"
	"parley/internal/talk"
)

// settingRow describes one setting of the administrator.
type settingRow struct {
	key string
	// meaning says in a line what it does, for administrators.
	meaning  string
	fallback string
	// read checks a text and stores its meaning. Its error tells a person what
	// is expected.
	read func(*Settings, string) error
	// secret values are never shown again.
	secret bool
	// announced values change what clients know of the server, so that they have
	// to read the capabilities again.
	announced bool
}

// settingRows are all settings, by key; docs/operations.md lists them.
var settingRows = []settingRow{
	{key: "allowed_groups", meaning: "groups whose members may use Talk; [] for everybody",
		fallback: "[]", read: names(func(s *Settings) *[]string { return &s.AllowedGroups }), announced: true},
	{key: "breakout_rooms", meaning: "whether moderators can divide conversations into breakout rooms",
		fallback: "yes", read: toggle(func(s *Settings) *bool { return &s.BreakoutRooms }), announced: true},
	{key: "calls_start_without_media", meaning: "whether people join calls with camera and microphone off",
		fallback: "no", read: toggle(func(s *Settings) *bool { return &s.StartWithoutMedia }), announced: true},
	{key: "default_group_notification", meaning: "who is notified in groups by default: 1 of every message, 2 of mentions, 3 of nothing",
		fallback: "2", read: number(1, 3, func(s *Settings) *int { return &s.GroupNotification })},
	{key: "default_permissions", meaning: "sum of what participants may do: 2 start calls, 4 join, 8 skip the lobby, 16 audio, 32 video, 64 screen, 128 chat",
		fallback: "246", announced: true,
		read: number(0, talk.PermissionsMax, func(s *Settings) *talk.Permissions { return &s.DefaultPermissions })},
	{key: "delete_one_to_one_conversations", meaning: "whether a one-to-one conversation ends when one of the two leaves it",
		fallback: "0", read: toggle(func(s *Settings) *bool { return &s.DeleteOneToOne })},
	{key: "force_passwords", meaning: "whether public conversations need a password",
		fallback: "0", read: toggle(func(s *Settings) *bool { return &s.ForcePasswords }), announced: true},
	{key: "max_call_duration", meaning: "seconds after which a call ends, 0 for never",
		fallback: "0", read: number(0, maxSeconds, func(s *Settings) *int { return &s.MaxCallDuration }), announced: true},
	{key: "minimum.supported.android.version", meaning: "oldest Talk app for Android that is let in",
		fallback: "15.0.0", read: version(func(s *Settings) *string { return &s.MinimumAndroid })},
	{key: "minimum.supported.desktop.version", meaning: "oldest Talk desktop client that is let in",
		fallback: "1.0.0", read: version(func(s *Settings) *string { return &s.MinimumDesktop })},
	{key: "minimum.supported.ios.version", meaning: "oldest Talk app for iOS that is let in",
		fallback: "15.0.0", read: version(func(s *Settings) *string { return &s.MinimumIOS })},
	{key: "recording_consent", meaning: "consent to recording: 0 not needed, 1 always, 2 as each conversation says",
		fallback: "0", read: number(talk.ConsentNo, talk.ConsentByRoom, func(s *Settings) *int { return &s.RecordingConsent }), announced: true},
	{key: "retention_event_rooms", meaning: "days without activity after which conversations of past events are deleted, 0 for never",
		fallback: "28", read: number(0, maxDays, func(s *Settings) *int { return &s.RetentionEvent }), announced: true},
	{key: "retention_instant_meetings", meaning: "days without activity after which instant meetings are deleted, 0 for never",
		fallback: "1", read: number(0, maxDays, func(s *Settings) *int { return &s.RetentionInstant }), announced: true},
	{key: "retention_phone_rooms", meaning: "days without activity after which conversations of telephone calls are deleted, 0 for never",
		fallback: "7", read: number(0, maxDays, func(s *Settings) *int { return &s.RetentionPhone }), announced: true},
	{key: "signaling_mode", meaning: "how clients in a call reach each other where there is a signaling server: external by it, internal by this server",
		fallback: "external", read: signalingMode, announced: true},
	{key: "signaling_servers", meaning: "external signaling server and its secret, as JSON",
		fallback: "", read: signaling, secret: true, announced: true},
	{key: "signaling_token_alg", meaning: "how tokens for signaling servers are signed: ES256, ES384, RS256, RS384, RS512 or EdDSA",
		fallback: "ES256", read: tokenAlgorithm, announced: true},
	{key: "sip_bridge_dialin_info", meaning: "text that tells people how to dial in",
		fallback: "", read: text(func(s *Settings) *string { return &s.SIPDialinInfo }), announced: true},
	{key: "sip_bridge_dialout_anonymous", meaning: "whether telephones that are called are not told by whom",
		fallback: "no", read: toggle(func(s *Settings) *bool { return &s.DialoutAnonymous })},
	{key: "sip_bridge_dialout_number", meaning: "number that telephones are told when who calls them has none",
		fallback: "", read: text(func(s *Settings) *string { return &s.DialoutNumber })},
	{key: "sip_bridge_dialout_prefix", meaning: "what the number of who calls a telephone begins with",
		fallback: "+", read: text(func(s *Settings) *string { return &s.DialoutPrefix })},
	{key: "sip_bridge_groups", meaning: "groups whose members may open conversations to telephones; [] for everybody",
		fallback: "[]", read: names(func(s *Settings) *[]string { return &s.SIPGroups }), announced: true},
	{key: "sip_bridge_shared_secret", meaning: "secret that the SIP bridge shares with this server",
		fallback: "", read: text(func(s *Settings) *string { return &s.SIPSecret }), secret: true, announced: true},
	{key: "sip_dialin_default", meaning: "telephone access of new conversations: 0 off, 1 with PIN, 2 without",
		fallback: "0",
		read:     number(0, talk.SIPWithoutPIN, func(s *Settings) *talk.SIPState { return &s.SIPDialinDefault })},
	{key: "sip_dialout", meaning: "whether conversations can call telephones",
		fallback: "no", read: toggle(func(s *Settings) *bool { return &s.SIPDialout }), announced: true},
	{key: "start_calls", meaning: "who may start calls: 0 everybody, 1 people with an account, 2 moderators, 3 nobody",
		fallback: "0", announced: true,
		read: number(0, talk.StartCallsNobody, func(s *Settings) *talk.StartCalls { return &s.StartCalls })},
	{key: "start_conversations", meaning: "groups whose members may create conversations; [] for everybody",
		fallback: "[]", read: names(func(s *Settings) *[]string { return &s.CreatorGroups }), announced: true},
	{key: "stun_servers", meaning: "servers that tell clients their address, as a JSON list of host:port",
		fallback: `["stun.nextcloud.com:443"]`, read: stun, announced: true},
	{key: "token_entropy", meaning: "length of the tokens of new conversations",
		fallback: "8", read: number(minTokenLength, MaxTokenLength, func(s *Settings) *int { return &s.TokenLength })},
	{key: "turn_servers", meaning: "servers that relay calls, with their secrets, as JSON",
		fallback: "[]", read: turn, secret: true, announced: true},
}

// Bounds of settings.
const (
	maxDays        = 36500
	maxSeconds     = 30 * 24 * 3600
	minTokenLength = 8
	MaxTokenLength = 30
)

// toggle reads a switch.
func toggle(field func(*Settings) *bool) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		switch v {
		case "1", "yes", "true":
			*field(s) = true
		case "0", "no", "false", "":
			*field(s) = false
		default:
			return fmt.Errorf("must be yes or no")
		}
		return nil
	}
}

// number reads an integer within bounds.
func number[T ~int](low, high T, field func(*Settings) *T) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		n, err := strconv.Atoi(v)
		if err != nil || T(n) < low || T(n) > high {
			return fmt.Errorf("must be a number from %d to %d", low, high)
		}
		*field(s) = T(n)
		return nil
	}
}

func text(field func(*Settings) *string) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		*field(s) = v
		return nil
	}
}

var versionPattern = regexp.MustCompile(`^[0-9]{1,6}(\.[0-9]{1,6}){0,3}$`)

func version(field func(*Settings) *string) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		if !versionPattern.MatchString(v) {
			return fmt.Errorf("must be a version like 15.0.0")
		}
		*field(s) = v
		return nil
	}
}

// names reads a JSON list of texts.
func names(field func(*Settings) *[]string) func(*Settings, string) error {
	return func(s *Settings, v string) error {
		var list []string
		if err := json.Unmarshal([]byte(cmp.Or(v, "[]")), &list); err != nil {
			return fmt.Errorf(`must be a JSON list like ["staff"]`)
		}
		*field(s) = list
		return nil
	}
}

// stun reads the list of servers that tell clients their address.
func stun(s *Settings, v string) error {
	if err := names(func(s *Settings) *[]string { return &s.STUN })(s, v); err != nil {
		return err
	}
	for _, address := range s.STUN {
		if !isHostPort(address) {
			return fmt.Errorf(`must be a JSON list like ["stun.example.org:3478"]`)
		}
	}
	return nil
}

func isHostPort(address string) bool {
	host, port, err := net.SplitHostPort(address)
	n, notNumber := strconv.Atoi(port)
	return err == nil && notNumber == nil && host != "" && n > 0 && n < 1<<16
}

// turn reads the list of servers that relay calls.
func turn(s *Settings, v string) error {
	var servers []TURNServer
	err := json.Unmarshal([]byte(cmp.Or(v, "[]")), &servers)
	for _, server := range servers {
		if server.Server == "" || server.Schemes == "" || server.Protocols == "" {
			err = fmt.Errorf("incomplete")
		}
	}
	if err != nil {
		return fmt.Errorf("must be a JSON list of objects with schemes, server, secret and protocols")
	}
	s.TURN = servers
	return nil
}

// signalingMode reads whether signaling servers are used.
func signalingMode(s *Settings, v string) error {
	switch v {
	case "builtin", "internal", "external":
		s.InternalSignaling, s.OwnSignaling = v == "internal", v == "builtin"
		return nil
	}
	return fmt.Errorf("must be builtin, internal or external")
}

// tokenAlgorithm reads how tokens are signed.
func tokenAlgorithm(s *Settings, v string) error {
	if !jwt.Known(v) {
		return fmt.Errorf("must be ES256, ES384, RS256, RS384, RS512 or EdDSA")
	}
	s.TokenAlgorithm = v
	return nil
}

// signaling reads the external signaling servers and the secret that they share
// with this one.
func signaling(s *Settings, v string) error {
	var servers Signaling
	err := json.Unmarshal([]byte(cmp.Or(v, "{}")), &servers)
	for _, server := range servers.Servers {
		if scheme, _, _ := strings.Cut(server.URL, "://"); !slices.Contains([]string{"http", "https", "ws", "wss"}, scheme) {
			err = fmt.Errorf("not a URL")
		}
	}
	if err != nil || len(servers.Servers) > 0 && servers.Secret == "" {
		return fmt.Errorf(`must be a JSON object like {"servers":[{"server":"https://signaling.example.org","verify":true}],"secret":"…"}`)
	}
	s.Signaling = servers
	return nil
}
