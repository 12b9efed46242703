package talk

import "time"

// SignalingPermissions are what a signaling server lets a participant do, in its words.
func SignalingPermissions(role ParticipantType, final Permissions) []string {
	out := []string{}
	for _, p := range [...]struct {
		bit  Permissions
		name string
	}{
		{PermissionPublishAudio, "publish-audio"}, {PermissionPublishVideo, "publish-video"}, {PermissionPublishScreen, "publish-screen"},
	} {
		if final.Has(p.bit) {
			out = append(out, p.name)
		}
	}
	if role.IsAccountModerator() {
		out = append(out, "control")
	}
	return out
}

// SignalingTime is a time in the form that clients get from signaling servers, nil for none.
func SignalingTime(unix int64) map[string]any {
	if unix == 0 {
		return nil
	}
	return map[string]any{
		"date": time.Unix(unix, 0).UTC().Format("2006-01-02 15:04:05.000000"), "timezone_type": 3, "timezone": "UTC",
	}
}

// SignalingProperties describe the conversation to all who are told of it by a signaling
// server. A one-to-one has another name for each of the two, so that it has none here.
func (r *Room) SignalingProperties() map[string]any {
	name := r.Name
	if r.IsOneToOne() {
		name = "Private conversation"
	}
	return map[string]any{
		"name": name, "type": int(r.Type), "lobby-state": int(r.LobbyState), "lobby-timer": SignalingTime(r.LobbyTimer),
		"read-only": r.ReadOnly, "listable": int(r.Listable), "active-since": SignalingTime(r.CallSince), "sip-enabled": int(r.SIP),
	}
}
