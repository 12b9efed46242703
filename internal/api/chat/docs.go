package chat

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
		{Name: "Chat", Operations: chatDocs()},
		{Name: "Reactions", Operations: reactionsDocs()},
		{Name: "Shared things", Operations: sharesDocs()},
		{Name: "Polls", Operations: pollsDocs()},
		{Name: "Reminders", Operations: remindersDocs()},
		{Name: "Search", Operations: searchDocs()},
	}
}

func chatDocs() map[string]ocs.Doc {
	message := ocs.Same(wire.Message{})
	return map[string]ocs.Doc{
		"readChat": {
			Summary: "Read the history of a conversation, or wait for new messages", Answers: ocs.Same([]wire.Message{}),
			Also: []int{ocs.StatusNotModified},
		},
		"readContext": {
			Summary: "Read a message with those around it", Answers: ocs.Same([]wire.Message{}), Also: []int{ocs.StatusNotModified},
		},
		"sendMessage": {
			Summary: "Send a message", Answers: message, Also: []int{ocs.StatusCreated}, Fails: []talk.Kind{talk.TooLarge},
		},
		"editMessage": {
			Summary: "Change the text of a message", Answers: message, Also: []int{ocs.StatusAccepted}, Fails: []talk.Kind{talk.Unsupported, talk.TooLarge},
		},
		"deleteMessage":   {Summary: "Delete a message", Answers: message, Also: []int{ocs.StatusAccepted}, Fails: []talk.Kind{talk.Unsupported}},
		"suggestMentions": {Summary: "Suggest whom to mention", Answers: ocs.Same([]suggestion{})},
		"clearHistory":    {Summary: "Remove all messages of a conversation for everybody", Answers: message},
	}
}

func reactionsDocs() map[string]ocs.Doc {
	reactions := ocs.Same(map[string][]reactor{})
	return map[string]ocs.Doc{
		"listReactions": {Summary: "List who reacted to a message", Answers: reactions},
		"react":         {Summary: "React to a message with an emoji", Answers: reactions, Also: []int{ocs.StatusCreated}},
		"unreact":       {Summary: "Take a reaction back", Answers: reactions},
	}
}

func sharesDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"shareObject": {
			Summary: "Share a thing, such as a place", Answers: ocs.Same(wire.Message{}), Also: []int{ocs.StatusCreated},
			Fails: []talk.Kind{talk.TooLarge},
		},
		"listShares": {
			Summary: "List the shared things of a kind", Answers: ocs.Same(ocs.OneOf{map[string]wire.Message{}, []any{}}),
		},
		"shareOverview": {Summary: "Get the newest shared things of each kind", Answers: ocs.Same(map[string][]wire.Message{})},
	}
}

func pollsDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"createPoll": {
			Summary: "Ask a question with options to choose from, or keep it as a draft",
			Answers: ocs.Same(ocs.OneOf{poll{}, pollDraft{}}), Also: []int{ocs.StatusCreated},
		},
		"listDrafts": {Summary: "List the drafts of polls", Answers: ocs.Same([]pollDraft{})},
		"editDraft":  {Summary: "Change the draft of a poll", Answers: ocs.Same(pollDraft{})},
		"getPoll":    {Summary: "Get a poll", Answers: ocs.Same(poll{})},
		"vote":       {Summary: "Choose options of a poll, none to withdraw", Answers: ocs.Same(poll{})},
		"closePoll": {
			Summary: "Close a poll, or delete its draft", Answers: ocs.Same((*poll)(nil)), Also: []int{ocs.StatusAccepted},
			Fails: []talk.Kind{talk.Invalid},
		},
	}
}

func remindersDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"upcomingReminders": {Summary: "List the next reminders", Answers: ocs.Same([]upcomingReminder{})},
		"getReminder":       {Summary: "Get the reminder of a message", Answers: ocs.Same(reminder{})},
		"setReminder": {
			Summary: "Ask to be told of a message again", Answers: ocs.Same(reminder{}), Also: []int{ocs.StatusCreated},
		},
		"deleteReminder": {Summary: "Remove the reminder of a message", Answers: ocs.Same([]any{})},
	}
}

func searchDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"searchMessages": {Summary: "Search the messages of one's conversations", Answers: ocs.Same(searchResult{})},
		"searchHere":     {Summary: "Search the messages of one conversation", Answers: ocs.Same(searchResult{})},
	}
}

// vague are examples of the types that are vague by themselves.
func vague() map[reflect.Type]any {
	return map[reflect.Type]any{
		reflect.TypeFor[wire.Message](): wire.VagueMessage(),
		reflect.TypeFor[upcomingReminder](): upcomingReminder{
			MessageParameters: ocs.OneOf{map[string]talk.RichObject{}, []any{}},
		},
		reflect.TypeFor[poll](): poll{Votes: ocs.OneOf{map[string]int{}, []any{}}},
	}
}
