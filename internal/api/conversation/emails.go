package conversation

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"parley/internal/ocs"
	"parley/internal/talk"
)

// E-mail guests

type resendParams struct {
	AttendeeID *int64 `param:"attendeeId"`
}

func (a *API) resendInvitations(c *ocs.Call, in resendParams) (any, error) {
	return nil, a.conversations.ResendInvitations(c.Context(), c.Scope(), in.AttendeeID)
}

type importParams struct {
	TestRun bool `param:"testRun"`
}

// importReport is the outcome of an import. The fields about bad rows are there
// when there are some, the type when the import was no test.
type importReport struct {
	Invites      int   `json:"invites"`
	Duplicates   int   `json:"duplicates"`
	Invalid      int   `json:"invalid,omitempty"`
	InvalidLines []int `json:"invalidLines,omitempty"`
	Type         int   `json:"type,omitempty"`
}

func newImportReport(l talk.EmailList) importReport {
	return importReport{Invites: len(l.Invitees), Duplicates: l.Duplicates, Invalid: len(l.Invalid), InvalidLines: l.Invalid}
}

func (a *API) importEmails(c *ocs.Call, in importParams) (any, error) {
	file, ok := c.File("file")
	if !ok {
		return nil, &talk.Error{Kind: talk.Invalid, Reason: "file", Message: "There is no file in the request."}
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	list, err := a.conversations.ImportEmails(c.Context(), c.Scope(), text, in.TestRun)
	if bad, ok := errors.AsType[*talk.InvalidRows](err); ok {
		return nil, &ocs.DataError{Kind: talk.Invalid, Data: newBadRows(bad.EmailList), Err: err}
	}
	if err != nil {
		return nil, err
	}
	report := newImportReport(list)
	if !in.TestRun {
		report.Type = int(talk.Public)
	}
	return report, nil
}

// badRows is the answer to a test run with rows that name nobody.
type badRows struct {
	ocs.ErrorData
	importReport
}

func newBadRows(l talk.EmailList) badRows {
	lines := strings.Trim(strings.ReplaceAll(fmt.Sprint(l.Invalid), " ", ", "), "[]")
	return badRows{ocs.ErrorData{Error: "rows", Message: "These lines name nobody: " + lines}, newImportReport(l)}
}

// invitedActor is the address of an e-mail guest for those who may know it:
// moderators, and the guest.
func invitedActor(at *talk.Attendee, viewer *talk.Participant) string {
	if at.Actor.Type != talk.ActorEmails || viewer == nil || !viewer.IsModerator() && viewer.ID != at.ID {
		return ""
	}
	return at.Address
}
