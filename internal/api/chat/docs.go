package chat

import (
	"reflect"

	"parley/internal/api/wire"
	"parley/internal/ocs"
)

// Table is the route table with its documentation.
func (a *API) Table() ocs.Table {
	return ocs.Table{Rows: a.rows(), Topics: topics(), Vague: vague()}
}

// topics describe the handlers by their names.
func topics() []ocs.Topic {
	return []ocs.Topic{
		{Name: "Chat", Operations: chatDocs()},
	}
}

func chatDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"readChat": {
			Summary: "Read the history of a conversation", Answers: ocs.Same([]wire.Message{}),
			Also: []int{ocs.StatusNotModified},
		},
	}
}

// vague are examples of the types that are vague by themselves.
func vague() map[reflect.Type]any {
	return map[reflect.Type]any{reflect.TypeFor[wire.Message](): wire.VagueMessage()}
}
