package talktest

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// maxTold is the longest body that a signaling server reads, in bytes.
const maxTold = 256 << 10

// checkRequest tells what is wrong with the form of a request to a signaling server of base.
func checkRequest(r *http.Request, body []byte, base string) error {
	h := r.Header
	token, ok := strings.CutPrefix(r.URL.Path, "/api/v1/room/")
	switch {
	case r.Method != http.MethodPost || !ok || token == "" || strings.Contains(token, "/"):
		return fmt.Errorf("%s %s", r.Method, r.URL.Path)
	case len(r.TransferEncoding) > 0 || r.ContentLength != int64(len(body)) || h.Get("Content-Length") == "" && r.ContentLength <= 0:
		return fmt.Errorf("a length of %d for %d bytes, by %v", r.ContentLength, len(body), r.TransferEncoding)
	case len(body) > maxTold:
		return errors.New("too long")
	case h.Get("Spreed-Signaling-Backend") != base || !strings.HasSuffix(base, "/") || h.Get("Content-Type") != "application/json":
		return fmt.Errorf("the headers %v", h)
	case len(h.Get("Spreed-Signaling-Random")) != 64 || h.Get("Spreed-Signaling-Checksum") != Checksum(SignalingSecret, h.Get("Spreed-Signaling-Random"), body):
		return fmt.Errorf("the proof %v", h)
	}
	return nil
}

// checkMessage tells what is wrong with a message to a signaling server.
func checkMessage(kind string, body Object) error {
	switch kind {
	case "invite":
		return errors.Join(fields(body, "userids alluserids properties"), listOfTexts(body, "userids"), listOfTexts(body, "alluserids"),
			checkProperties(at(body, "properties"), "participant-list"))
	case "disinvite":
		who := "userids"
		if _, ok := body["sessionids"]; ok {
			who = "sessionids"
		}
		return errors.Join(fields(body, who+" alluserids properties"), listOfTexts(body, who), listOfTexts(body, "alluserids"),
			checkProperties(at(body, "properties"), "participant-list"))
	case "update":
		return errors.Join(fields(body, "userids properties"), listOfTexts(body, "userids"), checkProperties(at(body, "properties"), "description"))
	case "delete":
		return errors.Join(fields(body, "userids"), listOfTexts(body, "userids"))
	case "switchto":
		return errors.Join(fields(body, "roomid sessions"), listOfTexts(body, "sessions"))
	case "participants":
		return errors.Join(fields(body, "changed users"), checkPeople(body, "users", "displayName"), checkPeople(body, "changed", "displayName permissions"))
	case "incall":
		if body["all"] == true && body["incall"] == 0.0 {
			return fields(body, "all incall")
		}
		return errors.Join(fields(body, "changed incall users"), number(body, "incall"), checkPeople(body, "users", "nextcloudSessionId"),
			checkPeople(body, "changed", "nextcloudSessionId"))
	case "message":
		return checkData(body)
	case "dialout":
		return checkDialout(body)
	}
	return fmt.Errorf("the type %q", kind)
}

// fields tells whether an object has other fields than these, in the order of their names.
func fields(o Object, want string) error {
	wanted := strings.Fields(want)
	slices.Sort(wanted)
	if got := slices.Sorted(maps.Keys(o)); !slices.Equal(got, wanted) {
		return fmt.Errorf("the fields %v, want %v", got, wanted)
	}
	return nil
}

// listOfTexts tells whether a field is something else than a list of texts.
func listOfTexts(o Object, field string) error {
	list, ok := o[field].([]any)
	for _, one := range list {
		text, is := one.(string)
		ok = ok && is && text != ""
	}
	if !ok {
		return fmt.Errorf("%s: %v", field, o[field])
	}
	return nil
}

// number tells whether a field is something else than a whole number of at least 0.
func number(o Object, field string) error {
	n, ok := o[field].(float64)
	if !ok || n < 0 || n != float64(int64(n)) {
		return fmt.Errorf("%s: %v", field, o[field])
	}
	return nil
}

// checkProperties tells what is wrong with the properties of a conversation, which have one field
// beside the usual ones.
func checkProperties(o Object, beside string) error {
	err := fields(o, beside+" active-since listable lobby-state lobby-timer name read-only sip-enabled type")
	for _, field := range []string{"listable", "lobby-state", "read-only", "sip-enabled", "type"} {
		err = errors.Join(err, number(o, field))
	}
	for _, field := range []string{"active-since", "lobby-timer"} {
		if o[field] != nil {
			err = errors.Join(err, fields(at(o, field), "date timezone timezone_type"))
		}
	}
	if _, ok := o[beside].(string); !ok || beside == "participant-list" && o[beside] != "refresh" || o.Text("name") == "" {
		err = errors.Join(err, fmt.Errorf("the properties %v", o))
	}
	return err
}

// checkPeople tells what is wrong with a list of sessions, which have some fields beside the
// usual ones.
func checkPeople(body Object, field, beside string) error {
	list, ok := body[field].([]any)
	if !ok {
		return fmt.Errorf("%s: %v", field, body[field])
	}
	for _, one := range list {
		inside, _ := one.(map[string]any)
		o, usual := Object(inside), " actorId actorType inCall lastPing participantPermissions participantType sessionId"
		if o.Text("actorType") == "users" {
			usual += " userId"
		}
		err := errors.Join(fields(o, beside+usual), number(o, "inCall"), number(o, "lastPing"), number(o, "participantPermissions"), number(o, "participantType"))
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", field, err)
		case !slices.Contains([]string{"users", "guests", "emails", "federated_users", "phones"}, o.Text("actorType")) || o.Text("actorId") == "" || o.Text("sessionId") == "",
			o.Text("actorType") == "users" && o.Text("userId") != o.Text("actorId"),
			o["nextcloudSessionId"] != nil && o.Text("nextcloudSessionId") != o.Text("sessionId"),
			o["permissions"] != nil && listOfTexts(o, "permissions") != nil:
			return fmt.Errorf("%s: %v", field, o)
		}
	}
	return nil
}

// checkData tells what is wrong with a message to all who are in a conversation.
func checkData(body Object) error {
	data := at(body, "data")
	err := fields(body, "data")
	switch data.Text("type") {
	case "chat":
		err = errors.Join(err, fields(data, "chat type"), fields(at(data, "chat"), "refresh"))
		if at(data, "chat")["refresh"] != true {
			err = errors.Join(err, fmt.Errorf("the chat %v", data["chat"]))
		}
	case "recording":
		err = errors.Join(err, fields(data, "recording type"), fields(at(data, "recording"), "status"), number(at(data, "recording"), "status"))
	default:
		err = errors.Join(err, fmt.Errorf("the message %v", data))
	}
	return err
}

// checkDialout tells what is wrong with the order to have a telephone called.
func checkDialout(body Object) error {
	options := at(body, "options")
	who := "actorId actorType attendeeId"
	err := fields(body, "number options")
	switch {
	case options["anonymous"] != nil:
		who += " anonymous"
		if options["anonymous"] != true {
			err = errors.Join(err, fmt.Errorf("anonymous: %v", options["anonymous"]))
		}
	case options["caller"] != nil:
		who += " caller"
		if options.Text("caller") == "" {
			err = errors.Join(err, fmt.Errorf("the caller %v", options["caller"]))
		}
	}
	if !strings.HasPrefix(body.Text("number"), "+") || options.Text("actorType") != "phones" || options.Text("actorId") == "" {
		err = errors.Join(err, fmt.Errorf("the telephone %v", body))
	}
	return errors.Join(err, fields(options, who), number(options, "attendeeId"))
}
