package signal

import (
	"parley/internal/ocs"
	"parley/internal/talk"
)

// docs describe the operations, by the names of their handlers.
func docs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"signalingSettings": {
			Summary: "Ask how a client gets in touch with others", Answers: ocs.Same(settingsData{}), Fails: []talk.Kind{talk.NotFound},
		},
		"signalingBackend": {
			Summary: "Answer a signaling server, which signs what it asks",
			Answers: ocs.Same(backendAuth{}, backendRoom{}, backendError{}), Fails: []talk.Kind{talk.Forbidden},
		},
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
