package conversation

import (
	"reflect"

	"parley/internal/api/wire"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// Table is the route table with its documentation.
func (a *API) Table() ocs.Table {
	return ocs.Table{Rows: a.rows(), Topics: topics(), Vague: vague()}
}

// topics describe the handlers by their names.
func topics() []ocs.Topic {
	return []ocs.Topic{
		{Name: "Conversations", Operations: conversationsDocs()},
		{Name: "Read markers", Operations: readMarkersDocs()},
		{Name: "Conversation settings", Operations: conversationSettingsDocs()},
		{Name: "Own view", Operations: ownViewDocs()},
		{Name: "Participants", Operations: participantsDocs()},
		{Name: "Bans", Operations: bansDocs()},
		{Name: "Breakout rooms", Operations: breakoutRoomsDocs()},
		{Name: "SIP bridge", Operations: bridgeDocs()},
	}
}

func conversationsDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"listRooms": {Summary: "List the conversations of the caller", Answers: rooms},
		"createRoom": {
			Summary: "Create a conversation, or find the one-to-one that exists", Answers: theRoom,
			Also: []int{ocs.StatusCreated, ocs.StatusAccepted}, Fails: []talk.Kind{talk.NotFound},
		},
		"createRoomLegacy": {
			Summary: "Create a conversation, or find the one-to-one that exists", Answers: theRoom,
			Also: []int{ocs.StatusCreated}, Fails: []talk.Kind{talk.NotFound},
		},
		"noteToSelf":       {Summary: "Get the conversation with oneself, which is created on demand", Answers: theRoom},
		"listedRooms":      {Summary: "Search the open conversations that one could join", Answers: rooms},
		"searchRooms":      {Summary: "Search one's own conversations by name", Answers: ocs.Same(conversationHits{})},
		"getRoom":          {Summary: "Get a conversation", Answers: theRoom},
		"renameRoom":       {Summary: "Rename a conversation", Answers: changedRoom},
		"renameLegacy":     {Summary: "Rename a conversation", Answers: changedRoom},
		"deleteRoom":       {Summary: "Delete a conversation for everybody", Fails: []talk.Kind{talk.Invalid}},
		"roomCapabilities": {Summary: "Get what Talk can do in a conversation", Answers: talkOffer},
	}
}

func readMarkersDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"markRead":   {Summary: "Tell up to which message one has read", Answers: theRoom},
		"markUnread": {Summary: "Mark the newest message as unread", Answers: theRoom},
	}
}

func conversationSettingsDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"setDescription": {Summary: "Set the description of a conversation", Answers: changedRoom},
		"allowGuests":    {Summary: "Open a conversation to guests, with a password on request", Answers: changedRoom},
		"disallowGuests": {
			Summary: "Close a conversation to guests", Answers: changedRoom, Fails: []talk.Kind{talk.Invalid},
		},
		"setReadOnly":       {Summary: "Lock a conversation for writing, or unlock it", Answers: changedRoom},
		"setPassword":       {Summary: "Set or clear the password that guests need", Answers: changedRoom},
		"setPasswordLegacy": {Summary: "Set or clear the password that guests need", Answers: changedRoom},
		"setListable":       {Summary: "Choose who may find a conversation", Answers: changedRoom},
		"setRoomPermissions": {
			Summary: "Set what participants may do unless they have permissions of their own", Answers: changedRoom,
		},
		"setLobby":              {Summary: "Switch the lobby, with the time when it ends", Answers: changedRoom},
		"setLobbyLegacy":        {Summary: "Switch the lobby, with the time when it ends", Answers: theRoom},
		"setWebinaryLobby":      {Summary: "Switch the lobby, with the time when it ends", Answers: theRoom},
		"setMentionPermissions": {Summary: "Choose who may mention everybody at once", Answers: changedRoom},
		"setExpiration":         {Summary: "Set after how many seconds new messages disappear", Answers: changedRoom},
		"unbindRoom": {
			Summary: "Untie a conversation from the object it was made for", Answers: changedRoom,
			Fails: []talk.Kind{talk.Invalid},
		},
		"setSIP": {Summary: "Choose how a conversation can be dialled into", Answers: theRoom},
		"setRecordingConsent": {
			Summary: "Ask for consent to being recorded; refused without a recording server", Answers: changedRoom,
		},
	}
}

func ownViewDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"markFavorite":   {Summary: "Mark a conversation as a favourite", Answers: changedRoom},
		"unmarkFavorite": {Summary: "Unmark a favourite conversation", Answers: changedRoom},
		"archiveRoom":    {Summary: "Put a conversation into the archive of the caller", Answers: changedRoom},
		"unarchiveRoom":  {Summary: "Take a conversation out of the archive", Answers: changedRoom},
		"markImportant": {
			Summary: "Let a conversation notify even while the caller wants no disturbance", Answers: changedRoom,
		},
		"unmarkImportant":      {Summary: "Treat a conversation like others again", Answers: changedRoom},
		"markSensitive":        {Summary: "Hide the messages of a conversation in previews", Answers: changedRoom},
		"unmarkSensitive":      {Summary: "Show the messages of a conversation in previews again", Answers: changedRoom},
		"setNotificationLevel": {Summary: "Choose which messages notify the caller", Answers: changedRoom},
		"setNotificationCalls": {Summary: "Choose whether calls notify the caller", Answers: changedRoom},
	}
}

func participantsDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"listParticipants": {
			Summary: "List the participants, with their user statuses on request", Answers: participantList,
		},
		"addParticipant": {
			Summary: "Add a user, group, team, e-mail address or telephone to a conversation",
			Answers: ocs.Same(typeChange{}, []any{}), Fails: []talk.Kind{talk.NotImplemented},
		},
		"resendInvitations": {Summary: "Send the invitation of one e-mail guest again, or of all"},
		"importEmails": {
			Summary: "Invite the e-mail addresses of a CSV file", Answers: ocs.Same(importReport{}),
			FailsWith: map[talk.Kind]any{talk.Invalid: badRows{}},
		},
		"removeUser":     {Summary: "Remove a user from a conversation"},
		"removeGuest":    {Summary: "Remove a guest from a conversation"},
		"removeAttendee": {Summary: "Remove anybody from a conversation"},
		"removeSelf":     {Summary: "Leave a conversation for good", Fails: []talk.Kind{talk.Invalid}},
		"joinRoom": {
			Summary: "Open a session in a conversation", Answers: theRoom,
			FailsWith: map[talk.Kind]any{talk.Conflict: conflictData{}},
		},
		"leaveRoom":              {Summary: "Close the session in a conversation"},
		"setSessionState":        {Summary: "Tell whether anybody looks at the session", Answers: theRoom},
		"promote":                {Summary: "Make a participant a moderator"},
		"promoteLegacy":          {Summary: "Make a participant a moderator"},
		"demote":                 {Summary: "Take the moderation from a participant"},
		"demoteLegacy":           {Summary: "Take the moderation from a participant"},
		"setAttendeePermissions": {Summary: "Change what one participant may do", Answers: ocs.Same([]participantV4{})},
		"setAllPermissions":      {Summary: "Change what all participants may do", Answers: changedRoom},
		"setGuestName":           {Summary: "Set the display name of the guest who asks"},
	}
}

func bansDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"listBans":  {Summary: "List the bans of a conversation", Answers: ocs.Same([]ban{})},
		"createBan": {Summary: "Ban a user, a guest or an address from a conversation", Answers: ocs.Same(ban{})},
		"deleteBan": {Summary: "Lift a ban"},
	}
}

func breakoutRoomsDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"listBreakouts": {
			Summary: "List the breakout rooms that the caller may see", Answers: rooms, Fails: []talk.Kind{talk.Invalid},
		},
		"listBreakoutParticipants": {
			Summary: "List the participants of all breakout rooms", Answers: ocs.Same([]participantV4{}),
		},
		"splitRoom":       {Summary: "Create breakout rooms below a conversation", Answers: rooms},
		"mergeRoom":       {Summary: "Delete the breakout rooms of a conversation", Answers: theRoom},
		"distributeUsers": {Summary: "Distribute the participants over the breakout rooms anew", Answers: rooms},
		"broadcast": {
			Summary: "Send a message to all breakout rooms", Answers: rooms, Also: []int{ocs.StatusCreated},
			Fails: []talk.Kind{talk.TooLarge},
		},
		"startBreakouts": {Summary: "Open the breakout rooms", Answers: rooms, Fails: []talk.Kind{talk.Invalid}},
		"stopBreakouts":  {Summary: "Close the breakout rooms", Answers: rooms, Fails: []talk.Kind{talk.Invalid}},
		"requestAssistance": {
			Summary: "Ask the moderators to come to a breakout room", Answers: theRoom, Fails: []talk.Kind{talk.Invalid},
		},
		"cancelAssistance": {Summary: "Take back the call for help", Answers: theRoom, Fails: []talk.Kind{talk.Invalid}},
		"switchBreakout":   {Summary: "Move to another breakout room", Answers: theRoom},
	}
}

func bridgeDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"lookUpPIN": {
			Summary: "Find the participant with a dial-in PIN", Answers: theRoom, Fails: []talk.Kind{talk.NotImplemented},
		},
		"verifyDialin": {
			Summary: "Find the participant with a dial-in PIN", Answers: theRoom, Fails: []talk.Kind{talk.NotImplemented},
		},
		"openDialin": {
			Summary: "Let a caller without a PIN in as a guest", Answers: theRoom, Fails: []talk.Kind{talk.Invalid},
		},
		"directDialin": {
			Summary: "Open a conversation for a call to the number of a user", Answers: theRoom,
			Fails: []talk.Kind{talk.NotImplemented, talk.NotFound},
		},
		"verifyDialout": {
			Summary: "Find the telephone that is to be called", Answers: theRoom, Fails: []talk.Kind{talk.NotImplemented},
		},
		"rejectDialout": {Summary: "Tell that a telephone was not reached", Fails: []talk.Kind{talk.NotImplemented}},
	}
}

// Shapes that operations share. A changed conversation is shown by API v4 only.
var (
	theRoom         = ocs.ByVersion{roomV1{}, roomV2{}, roomV3{}, roomV4{}}
	changedRoom     = ocs.ByVersion{3: roomV4{}}
	rooms           = ocs.ByVersion{[]roomV1{}, []roomV2{}, []roomV3{}, []roomV4{}}
	participantList = ocs.ByVersion{[]participantV1{}, []participantV1{}, []participantV3{}, []participantV4{}}
	talkOffer       = ocs.Same(wire.TalkExample())
)

// vague are examples of the types that are vague by themselves.
func vague() map[reflect.Type]any {
	newest := ocs.OneOf{wire.Message{}, []any{}}
	return map[reflect.Type]any{
		reflect.TypeFor[roomV1]():       roomV1{LastMessage: newest},
		reflect.TypeFor[roomV2]():       roomV2{LastMessage: newest},
		reflect.TypeFor[roomV3]():       roomV3{roomV2: roomV2{LastMessage: newest}},
		reflect.TypeFor[personsV1]():    ocs.OneOf{ocs.ByName{Example: personV1{}}, []any{}},
		reflect.TypeFor[wire.Message](): wire.VagueMessage(),
	}
}

// ARoom is an example of a conversation.
func ARoom() any { return roomV4{} }
