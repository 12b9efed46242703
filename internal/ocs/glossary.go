package ocs

import (
	"strings"

	"parley/internal/talk"
)

// Glossary explains parameters and members of answers by their names. Where a name
// alone says too little it stands behind a dot and the handler or the struct:
// "setLobby.state", "RoomV4.type".
type Glossary map[string]Term

// Term explains a name.
type Term struct {
	Text string
	// Values are all that a parameter accepts, nil when that is no short list.
	Values []any
	// Example is a value that is possible.
	Example any
}

// of finds the term of a name in its place.
func (g Glossary) of(place, name string) (t Term, own bool) {
	if t, own = g[place+"."+name]; own {
		return t, true
	}
	return g[name], false
}

// explain adds what the glossary knows to a schema of a parameter.
func (t *Term) explain(schema Object) Object {
	also, _ := schema["description"].(string)
	if text := strings.TrimSpace(t.Text + " " + also); text != "" {
		schema["description"] = text
	}
	if t.Values != nil {
		schema["enum"] = t.Values
	}
	return schema
}

// needs say who a guard lets in.
var needs = map[talk.Need]string{
	talk.NeedParticipant:      "For participants of the conversation.",
	talk.NeedMember:           "For participants of the conversation who have an account.",
	talk.NeedModerator:        "For moderators of the conversation, with or without an account.",
	talk.NeedAccountModerator: "For the owner and the moderators of the conversation who have an account.",
}

// description says in sentences who may use an expanded row, and what is counted.
func (r *Route) description() string {
	var out []string
	say := func(yes bool, text string) {
		if yes {
			out = append(out, text)
		}
	}
	say(r.Rules.has(Admin|GroupAdmin), "For administrators.")
	say(r.Rules.has(Login), "For those who are logged in.")
	say(!r.Rules.needsLogin() && r.Guard == NoGuard, "For everybody, also without an account.")
	say(r.Guard != NoGuard, needs[r.Guard.Need])
	say(r.Guard.NoLobby, "Not for those who wait in the lobby.")
	say(r.Rules.has(Confirmed), "A cookie alone is not enough: the client has to show the password shortly before.")
	say(r.Rules.has(CountSignatures), "A SIP bridge shows its signature; wrong ones count against it.")
	say(r.Rules.has(CountPasswords), "Wrong passwords count against the client.")
	say(r.Legacy(), "An old version for old clients; version 4 is the one to use.")
	return strings.Join(out, " ")
}
