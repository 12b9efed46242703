package signal

import (
	"parley/internal/ocs"
	"parley/internal/talk"
)

// docs describe the operations, by the names of their handlers.
func docs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"pullSignals": {
			Summary:   "Wait for messages of other clients, or for a change of who is in the conversation",
			Answers:   ocs.Same([]told{{typeMessage, ocs.OneOf{"", []presence{{}}}}}),
			FailsWith: map[talk.Kind]any{talk.NotFound: nobody(), talk.Conflict: nobody(), talk.Invalid: ""},
			Fails:     []talk.Kind{talk.Invalid, talk.NotFound, talk.Conflict, talk.Unavailable},
		},
		"sendSignals": {
			Summary: "Send messages to other clients in the conversation", Fails: []talk.Kind{talk.Invalid},
			FailsWith: map[talk.Kind]any{talk.Invalid: ""},
		},
	}
}
