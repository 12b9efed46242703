package store

// Tables returns all tables but the one that holds the version of the schema, each
// after those that its rows belong to. Whoever adds a table adds it here.
func Tables() []string {
	return []string{
		"server_state", "settings", "accounts", "account_fields", "user_groups", "group_members",
		"app_passwords", "login_flows", "ended_logins", "phone_numbers", "preferences", "statuses", "attempts", "teams", "team_members",
		"rooms", "pair_members", "attendees", "sessions", "client_rooms", "bans", "messages", "message_gaps",
		"account_pictures", "room_pictures", "call_attendees", "signals", "signaling_sessions", "signaling_nodes", "signaling_relays", "reactions", "polls", "poll_votes", "reminders", "notifications", "bots", "room_bots", "push_subscriptions", "outbox",
		"events", "webhooks",
	}
}
