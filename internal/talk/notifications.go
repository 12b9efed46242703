package talk

// NotificationSubject is what a notification says.
type NotificationSubject string

// The subjects of notifications, by the names that clients know.
const (
	NotifiedInvitation NotificationSubject = "invitation"
	NotifiedChat       NotificationSubject = "chat"
	NotifiedReply      NotificationSubject = "reply"
	NotifiedMention    NotificationSubject = "mention_direct"
	NotifiedGroup      NotificationSubject = "mention_group"
	NotifiedTeam       NotificationSubject = "mention_team"
	NotifiedAll        NotificationSubject = "mention_all"
	NotifiedReaction   NotificationSubject = "reaction"
	NotifiedReminder   NotificationSubject = "reminder"
	// NotifiedCall is a call that runs, NotifiedMissedCall one that is over.
	NotifiedCall       NotificationSubject = "call"
	NotifiedMissedCall NotificationSubject = "missed_call"
)

// subjectWordings are what notifications say, where {user} did it. The second one is for
// one-to-ones.
var subjectWordings = map[NotificationSubject][2]string{
	NotifiedInvitation: {"{user} invited you to {call}", "{user} opened a conversation with you"},
	NotifiedChat:       {"{user} wrote in {call}", "{user} wrote"},
	NotifiedReply:      {"{user} answered you in {call}", "{user} answered you"},
	NotifiedMention:    {"{user} mentioned you in {call}", "{user} mentioned you"},
	NotifiedGroup:      {"{user} mentioned group {group} in {call}", ""},
	NotifiedTeam:       {"{user} mentioned team {team} in {call}", ""},
	NotifiedAll:        {"{user} mentioned everybody in {call}", "{user} mentioned everybody"},
	NotifiedReaction:   {"{user} reacted with {reaction} to your message in {call}", "{user} reacted with {reaction} to your message"},
	NotifiedCall:       {"A call has started in {call}", "{user} calls you"},
	NotifiedMissedCall: {"You missed a call in {call}", "You missed a call from {user}"},
	NotifiedReminder:   {"Reminder: message of {user} in {call}", "Reminder: message of {user}"},
}

// NotificationWording is what a notification says in a conversation.
func NotificationWording(s NotificationSubject, r *Room) string {
	forms := subjectWordings[s]
	if r.IsOneToOne() && forms[1] != "" {
		return forms[1]
	}
	return forms[0]
}

// IsCall reports whether a notification is about a call.
func (s NotificationSubject) IsCall() bool { return s == NotifiedCall || s == NotifiedMissedCall }

// SensitiveWording is what a notification says that must not tell more.
const SensitiveWording = "News in one of your conversations"
