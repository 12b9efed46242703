package call

import (
	"bytes"
	"encoding/csv"
	"strings"
	"time"

	"parley/internal/call"
	"parley/internal/ocs"
	"parley/internal/talk"
)

const csvType = "text/csv; charset=utf-8"

type downloadParams struct {
	Format string `param:"format" default:"csv"`
}

// downloadAttendees answers failures without a body, since browsers show them.
func (a *API) downloadAttendees(c *ocs.Call, in downloadParams) (any, error) {
	refused := func(err error) error { return &ocs.DataError{Kind: talk.Invalid, Data: ocs.NoBody{}, Err: err} }
	if in.Format != "csv" {
		return nil, refused(talk.Fail(talk.Invalid, "format"))
	}
	roll, err := a.calls.Joined(c.Context(), c.Scope())
	if talk.IsKind(err, talk.Invalid) {
		return nil, refused(err)
	}
	if err != nil {
		return nil, err
	}
	file := roll.Room + " " + time.Unix(roll.At, 0).UTC().Format(time.DateOnly) + ".csv"
	return ocs.File{Name: file, Type: csvType, Content: attendeesCSV(roll.Attendees)}, nil
}

// attendeesCSV lists people for a spreadsheet. Names are quoted in any case.
func attendeesCSV(all []call.Attendee) []byte {
	var out bytes.Buffer
	out.WriteString("name,email,type,identifier\n")
	rest := csv.NewWriter(&out)
	for _, who := range all {
		out.WriteString(`"` + strings.ReplaceAll(harmless(who.DisplayName), `"`, `""`) + `",`)
		// A buffer takes everything.
		_ = rest.Write([]string{harmless(who.Address), harmless(string(who.Actor.Type)), harmless(who.Actor.ID)})
		rest.Flush()
	}
	return out.Bytes()
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}
