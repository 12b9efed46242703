package api

import (
	"parley/internal/ocs"
	"parley/internal/talk"
)

// Values that more than one term has.
var (
	onOff       = []any{0, 1}
	permissions = "Sum of bits: 1 set on purpose, 2 start a call, 4 join a call, 8 ignore the lobby, 16 audio, " +
		"32 video, 64 share the screen, 128 chat. 0 is the default of the conversation."
	roomTypes        = "1 one-to-one, 2 group, 3 public, 4 changelog, 5 former one-to-one, 6 note to self."
	participantTypes = "1 owner, 2 moderator, 3 member, 4 guest, 5 user who joined by himself, 6 guest who moderates."
	actorTypes       = "users, groups, circles (teams), guests, emails, phones, federated_users, bots or deleted_users."
	callFlags        = "Sum of bits: 1 in the call, 2 with audio, 4 with video, 8 by telephone. 0 is not in the call."
	breakoutModes    = "1 the server distributes people, 2 a moderator does, 3 everybody chooses."
	sipStates        = "0 no dial-in, 1 with a PIN of one's own, 2 also without."
	listableScopes   = "Who may find the conversation: 0 participants only, 1 users, 2 everybody."
	availabilities   = []any{talk.Online, talk.Away, talk.DND, talk.Busy, talk.Invisible, talk.Offline}
)

// glossary explains the parameters and the members of answers.
func glossary() ocs.Glossary {
	return ocs.Glossary{
		// Conversations
		"streamEvents.token":  {Text: "Tokens of conversations with commas between them; empty for all of the caller's.", Example: "ab3kd9xz,yx7mn2pq"},
		"lastEventId":         {Text: "Id of the last event that the client knows, like the header Last-Event-ID.", Example: "0-17-1900000000"},
		"token":               {Text: "Token of the conversation.", Example: "ab3kd9xz"},
		"roomType":            {Text: "1 one-to-one, 2 group, 3 public.", Values: []any{1, 2, 3}, Example: 2},
		"createRoom.roomType": {Text: "1 one-to-one, 2 group, 3 public.", Values: []any{1, 2, 3}, Example: 2},
		"roomName":            {Text: "Name, at most 255 characters.", Example: "Plans"},
		"createRoom.roomName": {Text: "Name, at most 255 characters.", Example: "Plans"},
		"createRoom.participants": {
			Text:    "Whom to add, by kind: users, groups, emails, teams, federated_users, phones.",
			Example: map[string][]string{"users": {"bob"}},
		},
		"invite":                 {Text: "Id of the user or group to begin with.", Example: "bob"},
		"objectType":             {Text: "Kind of the object that the conversation belongs to.", Example: "event"},
		"objectId":               {Text: "Id of that object.", Example: "1700000000#1700003600"},
		"password":               {Text: "Password; empty for none.", Example: "open sesame"},
		"readOnly":               {Text: "1 when nobody may write.", Values: onOff, Example: 0},
		"setReadOnly.state":      {Text: "1 when nobody may write.", Values: onOff, Example: 1},
		"listable":               {Text: listableScopes, Values: []any{0, 1, 2}, Example: 1},
		"scope":                  {Text: listableScopes, Values: []any{0, 1, 2}, Example: 1},
		"messageExpiration":      {Text: "Seconds after which new messages disappear, 0 for never.", Example: 3600},
		"seconds":                {Text: "Seconds after which new messages disappear, 0 for never.", Example: 3600},
		"lobbyState":             {Text: "1 when only moderators come in.", Values: onOff, Example: 0},
		"setLobby.state":         {Text: "1 when only moderators come in.", Values: onOff, Example: 1},
		"setLobbyLegacy.state":   {Text: "1 when only moderators come in.", Values: onOff, Example: 1},
		"setWebinaryLobby.state": {Text: "1 when only moderators come in.", Values: onOff, Example: 1},
		"lobbyTimer":             {Text: "When the lobby ends, in Unix seconds.", Example: 1900000000},
		"timer":                  {Text: "When the lobby ends, in Unix seconds.", Example: 1900000000},
		"sipEnabled":             {Text: sipStates, Values: []any{0, 1, 2}, Example: 0},
		"setSIP.state":           {Text: sipStates, Values: []any{0, 1, 2}, Example: 1},
		"permissions":            {Text: permissions, Example: int(talk.PermissionsMember)},
		"recordingConsent":       {Text: "1 when people have to agree to being recorded.", Values: onOff, Example: 0},
		"mentionPermissions":     {Text: "Who may mention everybody: 0 all, 1 moderators.", Values: onOff, Example: 1},
		"description":            {Text: "Description, at most 2,000 characters.", Example: "Where we plan the summer"},
		"emoji":                  {Text: "Picture of the conversation, one emoji.", Example: "🌻"},
		"avatarColor":            {Text: "Colour behind the emoji, six hexadecimal digits.", Example: "aabbcc"},
		"setRoomPermissions.mode": {
			Text: "default: what holds in the conversation; call: what holds while a call lasts.", Example: "default",
		},
		"noStatusUpdate":             {Text: "1 when the request is no sign of life.", Values: onOff, Example: 1},
		"includeStatus":              {Text: "Whether user statuses come along.", Example: true},
		"modifiedSince":              {Text: "Only what changed since, in Unix seconds.", Example: 1700000000},
		"includeLastMessage":         {Text: "Whether the newest message comes along.", Example: true},
		"searchTerm":                 {Text: "Part of the name.", Example: "plan"},
		"setNotificationLevel.level": {Text: "1 always, 2 when mentioned, 3 never.", Values: []any{1, 2, 3}, Example: 2},
		"setNotificationCalls.level": {Text: "1 when calls notify.", Values: onOff, Example: 1},

		// Participants
		"newParticipant": {Text: "Id of whom to add, in the terms of the source.", Example: "bob"},
		"source": {
			Text: "What kind of participant: users, groups, teams (or circles), emails or phones.", Example: "users",
		},
		"attendeeId":  {Text: "Number of the participant in the list.", Example: 42},
		"participant": {Text: "Id of the user, or session id of the guest.", Example: "bob"},
		"sessionId":   {Text: "Session of the guest.", Example: "Xk3Jd0sWq1"},
		"force": {
			Text:    "Whether a session that is in the way ends; otherwise the answer is 409.",
			Example: true,
		},
		"setSessionState.state": {Text: "1 when somebody looks at it, 0 otherwise.", Values: onOff, Example: 1},
		"method": {
			Text: "What happens with the bits.", Example: string(talk.PermissionsSet),
			Values: []any{talk.PermissionsSet, talk.PermissionsAdd, talk.PermissionsRemove},
		},
		"displayName": {Text: "Name for people.", Example: "Bob"},
		"testRun":     {Text: "Whether the file is only looked at.", Example: true},
		"file": {
			Text:    "CSV file in UTF-8 with the columns email and name.",
			Example: "email,name\neve@example.com,Eve\n",
		},
		"actorType":    {Text: "Kind of the actor: " + actorTypes, Example: "users"},
		"actorId":      {Text: "Id of the actor.", Example: "bob"},
		"internalNote": {Text: "Note for moderators.", Example: "spam"},
		"banId":        {Text: "Number of the ban.", Example: "7"},

		// Calls
		"flags":                     {Text: callFlags, Example: 7},
		"silentFor":                 {Text: "Ids of accounts that are not called.", Example: []any{"bob"}},
		"joinCall.recordingConsent": {Text: "Whether the caller agrees to being recorded.", Example: true},
		"all":                       {Text: "Whether the call ends for everybody, which moderators can do.", Example: false},
		"ringAttendee.attendeeId":   {Text: "Number of the participant to call.", Example: "42"},
		"dialOut.attendeeId":        {Text: "Number of the participant whose telephone is called.", Example: "42"},
		"downloadAttendees.format":  {Text: "Form of the list.", Values: []any{"csv"}, Example: "csv"},

		"uploadAvatar.file":     {Text: "PNG, JPEG or WebP picture, square, at most 12 megabytes.", Example: "…"},
		"uploadOwnAvatar.files": {Text: "PNG, JPEG or WebP picture, square, at most 12 megabytes.", Example: "…"},
		"setEmojiAvatar.emoji":  {Text: "One emoji.", Example: "🌻"},
		"setEmojiAvatar.color":  {Text: "Colour behind the emoji, six hexadecimal digits; without it the usual one.", Example: "aabbcc"},

		// Signaling
		"signalingSettings.token": {Text: "Conversation that the client is in, empty for any.", Example: "ab3de5fg"},
		"messages": {
			Text:    "JSON text: a list of messages, each with ev, fn (JSON text again, with the session that it is to) and sessionId.",
			Example: `[{"ev":"message","sessionId":"a","fn":"{\"to\":\"b\",\"type\":\"offer\"}"}]`,
		},

		// Breakout rooms
		"splitRoom.mode": {Text: breakoutModes, Values: []any{1, 2, 3}, Example: 1},
		"amount":         {Text: "How many breakout rooms, 1 to 20.", Example: 2},
		"attendeeMap": {
			Text:    "JSON text: number of the breakout room, from 0, by attendee id.",
			Example: `{"42":0,"43":1}`,
		},
		"target": {Text: "Token of the breakout room.", Example: "cd4me8yz"},

		// SIP bridge
		"pin":         {Text: "PIN of the participant.", Example: "1234567"},
		"phoneNumber": {Text: "Number that was called.", Example: "+4930123456"},
		"caller":      {Text: "Number of who calls.", Example: "+4989654321"},
		"number":      {Text: "Number that is called.", Example: "+4930123456"},
		"options":     {Text: "What is known of the telephone.", Example: map[string]any{}},
		"callId":      {Text: "Id of the call at the bridge.", Example: "call-1"},

		// Chat
		"lookIntoFuture": {Text: "0 reads the history, 1 waits for new messages.", Values: onOff, Example: 0},
		"timeout":        {Text: "How many seconds to wait for new messages, at most 30.", Example: 30},
		"setReadMarker":  {Text: "1 when the message to begin behind counts as read.", Values: onOff, Example: 1},
		"markNotificationsAsRead": {
			Text: "Whether notifications of the conversation's messages are dismissed.", Example: true,
		},
		"chatMessageId":          {Text: "Id of the message.", Example: "1001"},
		"sendMessage.message":    {Text: "Text, at most 32,000 characters. @bob or @\"guest/…\" mentions somebody.", Example: "Hello @bob"},
		"editMessage.message":    {Text: "New text, at most 32,000 characters.", Example: "Hello everybody"},
		"broadcast.message":      {Text: "Text, at most 32,000 characters.", Example: "Ten minutes left"},
		"replyTo":                {Text: "Id of the message that it answers, 0 for none.", Example: 1000},
		"silent":                 {Text: "Whether nobody is notified.", Example: false},
		"referenceId":            {Text: "Text of the client to know its message again, at most 64 characters.", Example: "c0ffee"},
		"actorDisplayName":       {Text: "New name of the guest who writes.", Example: "Greta"},
		"reaction":               {Text: "One emoji.", Example: "👍"},
		"lastReadMessage":        {Text: "Newest message that one has read; null for all, 0 for none.", Example: 1001},
		"suggestMentions.search": {Text: "What was typed after the @.", Example: "bo"},
		"timestamp":              {Text: "When, in Unix seconds.", Example: 1900000000},
		"metaData":               {Text: "JSON text: name of the thing and what else its kind needs.", Example: `{"name":"Berlin","latitude":"52.5","longitude":"13.4"}`},
		"shareObject.objectType": {Text: "Kind of the thing.", Example: "geo-location"},
		"shareObject.objectId":   {Text: "Id of the thing.", Example: "geo:52.5,13.4"},
		"listShares.objectType":  {Text: "audio, deckcard, file, location, media, other, poll, recording or voice.", Example: "location"},
		"endpoint":               {Text: "Address at which the push service takes messages for the app.", Example: "https://push.example.org/send/abc"},
		"uaPublicKey":            {Text: "Public key of the app, a point of P-256 in base64url.", Example: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"},
		"auth":                   {Text: "Secret of the app, 16 bytes in base64url.", Example: "BTBZMqHH6r4Tts7J_aSIgg"},
		"appTypes":               {Text: "Apps that it is for, separated by commas: all, talk; -talk for those that it is not for.", Example: "talk"},
		"activationToken":        {Text: "The text of the first push.", Example: "V1StGXR8Z5jdHi6BmyT3V1StGXR8Z5jdHi6B"},
		"sayAsBot.message":       {Text: "Text, at most 32,000 characters.", Example: "Lunch is ready"},
		"botId":                  {Text: "Number of the bot.", Example: "1"},
		"pollId":                 {Text: "Id of the poll.", Example: "7"},
		"question":               {Text: "What is asked.", Example: "Lunch?"},
		"createPoll.options":     {Text: "Answers to choose from.", Example: []string{"Pizza", "Soup"}},
		"editDraft.options":      {Text: "Answers to choose from.", Example: []string{"Pizza", "Soup"}},
		"resultMode":             {Text: "0 shows who voted for what, 1 only how many, at the end.", Values: onOff, Example: 0},
		"maxVotes":               {Text: "How many answers one may choose, 0 for all.", Example: 1},
		"draft":                  {Text: "Whether it is kept as a draft for moderators.", Example: false},
		"optionIds":              {Text: "Numbers of the answers, from 0; none to withdraw.", Example: []string{"0"}},
		"notificationId":         {Text: "Id of the notification.", Example: "12"},
		"ids":                    {Text: "Ids of notifications, at most 200.", Example: []string{"12", "13"}},
		"term":                   {Text: "What to search for.", Example: "lunch"},
		"cursor":                 {Text: "Where the page begins: the cursor of the one before.", Example: 1001},
		"from":                   {Text: "Path of the page that searches, with the conversation in it.", Example: "/call/ab3kd9xz"},
		"limit":                  {Text: "How many at most.", Example: 50},
		"lastKnownMessageId":     {Text: "Id of the message to begin behind.", Example: 1000},
		"includeLastKnown":       {Text: "Whether that message comes along.", Example: false},
		"lastCommonReadId":       {Text: "Newest message that everybody read, as far as the client knows.", Example: 990},

		// Settings and accounts
		"app":                    {Text: "Always spreed.", Example: "spreed"},
		"key":                    {Text: "Name of the setting.", Example: "start_calls"},
		"value":                  {Text: "Value of the setting.", Example: "1"},
		"setUserSetting.key":     {Text: "Name of the preference.", Example: "typing_privacy"},
		"setPreference.key":      {Text: "Name of the preference.", Example: "typing_privacy"},
		"unsetPreference.key":    {Text: "Name of the preference.", Example: "typing_privacy"},
		"editAccount.key":        {Text: "Field to change.", Example: "displayname"},
		"editAccount.value":      {Text: "New value.", Example: "Bob B."},
		"editGroup.key":          {Text: "Always displayname.", Example: "displayname"},
		"editGroup.value":        {Text: "New name.", Example: "Staff"},
		"renameTeam.value":       {Text: "New name.", Example: "Gardeners"},
		"configValue":            {Text: "Value of the preference.", Example: "1"},
		"sipGroups":              {Text: "Groups that may use telephones, empty for all.", Example: []string{"staff"}},
		"dialInInfo":             {Text: "What people read about dialling in.", Example: "Call +49 30 123456"},
		"sharedSecret":           {Text: "Secret that is shared with the bridge.", Example: "a long random text"},
		"status":                 {Text: "Availability.", Values: availabilities, Example: "online"},
		"statusType":             {Text: "Availability.", Values: availabilities, Example: "dnd"},
		"statusIcon":             {Text: "Emoji before the message.", Example: "🌴"},
		"message":                {Text: "Message in own words.", Example: "On holiday"},
		"messageId":              {Text: "Id of a predefined message.", Example: "vacationing"},
		"clearAt":                {Text: "When the message ends, in Unix seconds; 0 for never.", Example: 1900000000},
		"offset":                 {Text: "How many to leave out at the beginning.", Example: 0},
		"id":                     {Text: "Number of the app password.", Example: "3"},
		"user":                   {Text: "Id of the account.", Example: "bob"},
		"group":                  {Text: "Id of the group.", Example: "staff"},
		"groupid":                {Text: "Id of the group.", Example: "staff"},
		"createGroup.groupid":    {Text: "Id of the group.", Example: "staff"},
		"joinGroup.groupid":      {Text: "Id of the group.", Example: "staff"},
		"displayname":            {Text: "Name for people.", Example: "Staff"},
		"userid":                 {Text: "Id of the account.", Example: "eve"},
		"createAccount.userid":   {Text: "Id of the account.", Example: "eve"},
		"createAccount.password": {Text: "Password.", Example: "correct horse battery staple"},
		"email":                  {Text: "E-mail address.", Example: "eve@example.com"},
		"language":               {Text: "Language of the person.", Example: "en"},
		"groups":                 {Text: "Ids of groups to put the account into.", Example: []string{"staff"}},
		"subadmin":               {Text: "Accepted when empty.", Example: []string{}},
		"quota":                  {Text: "Storage of the account.", Example: "none"},
		"manager":                {Text: "Id of the manager.", Example: "alice"},
		"search":                 {Text: "Beginning or part of a name.", Example: "bo"},
		"itemType":               {Text: "call, when somebody is to be added to a conversation.", Example: "call"},
		"itemId":                 {Text: "Token of that conversation.", Example: "ab3kd9xz"},
		"shareTypes": {
			Text:    "Kinds of suggestions: 0 users, 1 groups, 4 e-mail addresses, 7 teams.",
			Example: []string{"0"},
		},
		"name":   {Text: "Name.", Example: "Gardeners"},
		"team":   {Text: "Id of the team.", Example: "Ws4vKq81"},
		"member": {Text: "Kind and id of the member.", Example: "users:bob"},
		"userId": {Text: "Id of the user, group or team.", Example: "bob"},
		"type":   {Text: "1 user, 2 group, 16 team.", Values: []any{1, 2, 16}, Example: 1},

		// Members of answers
		"RoomV4.type":         {Text: roomTypes},
		"RoomV3.type":         {Text: roomTypes},
		"RoomV2.type":         {Text: roomTypes},
		"RoomV1.type":         {Text: roomTypes},
		"TypeChange.type":     {Text: roomTypes},
		"participantType":     {Text: participantTypes},
		"attendeePermissions": {Text: permissions},
		"callPermissions":     {Text: permissions},
		"defaultPermissions":  {Text: permissions},
		"inCall":              {Text: callFlags},
		"participantFlags":    {Text: callFlags},
		"callFlag":            {Text: callFlags},
		"breakoutRoomMode":    {Text: "0 none, " + breakoutModes},
		"notificationLevel":   {Text: "1 always, 2 when mentioned, 3 never."},
		"lastPing":            {Text: "Last sign of life in Unix seconds, 0 for none."},
		"sessionIds":          {Text: "Sessions of the participant, none when nobody is there."},
	}
}
