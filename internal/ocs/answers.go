package ocs

import (
	"reflect"

	"parley/internal/app"
)

// shape is what the data of a success looks like, as an example for each API
// version; nil is an answer without data. Paths outside of Talk and those that
// the old versions have no own form of count as version 4.
type shape [4]any

// of returns the example for an expanded row.
func (s *shape) of(r *route) any {
	if r.legacy() {
		return s[r.version-1]
	}
	return s[3]
}

// one is the shape of rows that answer the same in all versions: like one of
// the examples.
func one(examples ...any) shape {
	var example any = oneOf(examples)
	if len(examples) == 1 {
		example = examples[0]
	}
	return shape{example, example, example, example}
}

// Shapes that rows share. A changed conversation is shown by API v4 only.
var (
	theRoom         = shape{roomV1{}, roomV2{}, roomV3{}, roomV4{}}
	changedRoom     = shape{3: roomV4{}}
	rooms           = shape{[]roomV1{}, []roomV2{}, []roomV3{}, []roomV4{}}
	participantList = shape{[]participantV1{}, []participantV1{}, []participantV3{}, []participantV4{}}
	userIDs         = one(object{"users": []string{}})
	allGroupIDs     = one(object{"groups": []string{}})
	talkOffer       = one(spreed(anOffer()))
	serverOffer     = one(aServer())
)

// Examples say what types cannot: that a value has one of several forms, that a
// member may be absent, or that the names of members are data.
type (
	oneOf  []any
	maybe  struct{ example any }
	byName struct{ example any }
)

// examples describe the types that are vague by themselves.
var examples = map[reflect.Type]any{
	reflect.TypeFor[roomV1]():    roomV1{LastMessage: oneOf{message{}, []any{}}},
	reflect.TypeFor[roomV2]():    roomV2{LastMessage: oneOf{message{}, []any{}}},
	reflect.TypeFor[roomV3]():    roomV3{roomV2: roomV2{LastMessage: oneOf{message{}, []any{}}}},
	reflect.TypeFor[message]():   message{MessageParameters: oneOf{map[string]richObject{}, []any{}}},
	reflect.TypeFor[duration]():  duration{Time: oneOf{0, ""}},
	reflect.TypeFor[personsV1](): oneOf{byName{personV1{}}, []any{}},
}

func anOffer() *app.Offer { return &app.Offer{Settings: &app.Settings{}} }

// aServer has the parts as optional that depend on who asks.
func aServer() object {
	data := serverData(anOffer(), true, true)
	parts := object{}
	for name, part := range data["capabilities"].(object) {
		parts[name] = maybe{part}
	}
	data["capabilities"] = parts
	return data
}

func anAccount(own bool) fields { return describe(&app.AccountView{}, own) }
