package main

import (
	"errors"
	"strings"

	"parley/internal/directory"
	"parley/internal/talk"
)

// explanations say what went wrong and what to do, by the reason of the failure. USER-ID
// and GROUP-ID stand for what the command line names.
var explanations = map[string]string{
	directory.ReasonUserID:        "USER-ID cannot be a user id: use 1 to 64 letters, digits and _ . @ - ', and no word such as details",
	directory.ReasonUserExists:    "there is an account USER-ID already: parley user list shows it",
	directory.ReasonUser:          "there is no account USER-ID: parley user list shows all",
	directory.ReasonPassword:      "the password cannot be used: it has 1 to 1024 bytes",
	directory.ReasonEmail:         "the mail address cannot be used: write it like alice@example.org",
	directory.ReasonDisplayName:   "the name cannot be used: it has 1 to 255 characters, none of them hidden",
	directory.ReasonField:         "a field of the account has a value that is not possible",
	directory.ReasonGroup:         "there is no group GROUP-ID: parley group list shows all",
	directory.ReasonGroupID:       "GROUP-ID cannot be a group id: use 1 to 64 bytes, none of them hidden, no dots alone between slashes, and no word such as details",
	directory.ReasonGroupExists:   "there is a group GROUP-ID already: parley group list shows it",
	directory.ReasonNumber:        "this is no telephone number: write it with its country code, like +4930123456",
	directory.ReasonNumberTaken:   "the number reaches another account: --force moves it",
	directory.ReasonNumberUnknown: "the number reaches no account: parley phone list USER shows the numbers of one",
	directory.ReasonLastAdmin:     "somebody has to administer the server: make another account an administrator first, with parley group member add admin USER",
}

// explain words a failure of a use case for the person at the terminal.
func explain(err error, user, group string) error {
	failure, ok := errors.AsType[*talk.Error](err)
	if !ok {
		return err
	}
	if failure.Reason == directory.ReasonPassword && failure.Message != "" {
		return errors.New(failure.Message)
	}
	text, known := explanations[failure.Reason]
	if !known && failure.Kind == talk.NotFound && user != "" {
		text, known = explanations[directory.ReasonUser], true
	}
	if !known {
		return err
	}
	return errors.New(strings.NewReplacer("USER-ID", user, "GROUP-ID", group).Replace(text))
}
