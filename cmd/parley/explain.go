package main

import (
	"errors"
	"strings"

	"parley/internal/app"
	"parley/internal/talk"
)

// explanations say what went wrong and what to do, by the reason of the failure. USER-ID
// and GROUP-ID stand for what the command line names.
var explanations = map[string]string{
	app.ReasonUserID:        "USER-ID cannot be a user id: use 1 to 64 letters, digits and _ . @ - ', and no word such as details",
	app.ReasonUserExists:    "there is an account USER-ID already: parley user list shows it",
	app.ReasonUser:          "there is no account USER-ID: parley user list shows all",
	app.ReasonPassword:      "the password cannot be used: it has 1 to 1024 bytes",
	app.ReasonEmail:         "the mail address cannot be used: write it like alice@example.org",
	app.ReasonDisplayName:   "the name cannot be used: it has 1 to 255 characters, none of them hidden",
	app.ReasonField:         "a field of the account has a value that is not possible",
	app.ReasonGroup:         "there is no group GROUP-ID: parley group list shows all",
	app.ReasonGroupID:       "GROUP-ID cannot be a group id: use 1 to 64 bytes, none of them hidden, no dots alone between slashes, and no word such as details",
	app.ReasonGroupExists:   "there is a group GROUP-ID already: parley group list shows it",
	app.ReasonNumber:        "this is no telephone number: write it with its country code, like +4930123456",
	app.ReasonNumberTaken:   "the number reaches another account: --force moves it",
	app.ReasonNumberUnknown: "the number reaches no account: parley phone list USER shows the numbers of one",
	app.ReasonLastAdmin:     "somebody has to administer the server: make another account an administrator first, with parley group member add admin USER",
}

// explain words a failure of a use case for the person at the terminal.
func explain(err error, user, group string) error {
	failure, ok := errors.AsType[*talk.Error](err)
	if !ok {
		return err
	}
	if failure.Reason == app.ReasonPassword && failure.Message != "" {
		return errors.New(failure.Message)
	}
	text, known := explanations[failure.Reason]
	if !known && failure.Kind == talk.NotFound && user != "" {
		text, known = explanations[app.ReasonUser], true
	}
	if !known {
		return err
	}
	return errors.New(strings.NewReplacer("USER-ID", user, "GROUP-ID", group).Replace(text))
}
