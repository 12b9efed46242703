package talk

import (
	"regexp"
	"slices"
)

// ObjectTypeLocation is the type of a shared place.
const ObjectTypeLocation = "geo-location"

// shareable are the types of things that can be shared, with the texts that they need
// beside a name.
var shareable = map[string][]string{
	ObjectTypeLocation: {"latitude", "longitude"},
	"deck-card":        {"boardname", "stackname", "link"},
	"addressbook":      nil, "addressbook-contact": nil, "announcement": nil, "app": nil, "calendar": nil, "calendar-event": nil,
	"call": nil, "circle": nil, "deck-board": nil, "email": nil, "forms-form": nil, "guest": nil, "highlight": nil,
	"open-graph": nil, "pending-federated-share": nil, "systemtag": nil, "user": nil, "user-group": nil,
}

// location is the form of the id of a place, not the range of its numbers.
var location = regexp.MustCompile(`^geo:-?\d{1,2}(\.\d+)?,-?\d{1,3}(\.\d+)?(,-?\d+(\.\d+)?)?(;crs=wgs84)?(;u=\d+(\.\d+)?)?$`)

// Lists are those of the shared items of a conversation.
var Lists = []string{"audio", "deckcard", "file", ListLocation, "media", ListOther, ListPoll, "recording", "voice"}

// The lists that shared items come into.
const (
	ListLocation = "location"
	ListPoll     = "poll"
	ListOther    = "other"
)

// SharedObject checks a thing that is to be shared, by its type, its id and texts by
// their names, and returns it with the list that it belongs to. Failure: Invalid "object".
func SharedObject(kind, id string, texts map[string]string) (RichObject, string, error) {
	needs, known := shareable[kind]
	lacks := func(name string) bool {
		_, has := texts[name]
		return !has
	}
	if !known || lacks("name") || slices.ContainsFunc(needs, lacks) || kind == ObjectTypeLocation && !location.MatchString(id) {
		return nil, "", Fail(Invalid, "object")
	}
	object := RichObject{}
	for name, text := range texts {
		object[name] = text
	}
	object["type"], object["id"] = kind, id
	switch kind {
	case ObjectTypeLocation:
		return object, ListLocation, nil
	case "deck-card":
		return object, "deckcard", nil
	}
	return object, ListOther, nil
}
