package talk_test

import (
	"strings"
	"testing"

	"parley/internal/talk"
)

func TestStatusAt(t *testing.T) {
	const now = 10_000
	message := talk.Status{Availability: talk.DND, UserDefined: true, Message: "x", Icon: "🌴", MessageID: "m", ClearAt: now}
	if got := message.At(now); got.Message != "" || got.Icon != "" || got.MessageID != "" || got.ClearAt != 0 || got.Availability != talk.DND {
		t.Errorf("after its end: %+v", got)
	}
	if got := message.At(now - 1); got != message {
		t.Errorf("before its end: %+v", got)
	}
	for name, c := range map[string]struct {
		a       talk.Availability
		chosen  bool
		age     int64
		offline bool
	}{
		"online, alive":       {talk.Online, false, talk.StatusFadesAfter, false},
		"online, faded":       {talk.Online, false, talk.StatusFadesAfter + 1, true},
		"chosen online fades": {talk.Online, true, talk.StatusFadesAfter + 1, true},
		"away fades":          {talk.Away, false, talk.StatusFadesAfter + 1, true},
		"chosen away stays":   {talk.Away, true, talk.StatusFadesAfter + 1, false},
		"busy stays":          {talk.Busy, true, talk.StatusFadesAfter + 1, false},
	} {
		got := talk.Status{Availability: c.a, UserDefined: c.chosen, SeenAt: now - c.age}.At(now)
		if (got.Availability == talk.Offline) != c.offline {
			t.Errorf("%s: %s", name, got.Availability)
		}
	}
}

func TestStatusForOthers(t *testing.T) {
	for _, a := range []talk.Availability{talk.Online, talk.Away, talk.DND, talk.Busy, talk.Invisible, talk.Offline} {
		want := a
		if a == talk.Invisible {
			want = talk.Offline
		}
		if got := (talk.Status{Availability: a}).ForOthers().Availability; got != want {
			t.Errorf("%s is shown as %s", a, got)
		}
	}
}

func TestPulse(t *testing.T) {
	const now = 10_000
	for name, c := range map[string]struct {
		before      talk.Availability
		chosen      bool
		age         int64
		found       talk.Availability
		want        talk.Availability
		store, kept bool
	}{
		"first":                    {talk.Offline, false, now, talk.Online, talk.Online, true, false},
		"again, young":             {talk.Online, false, talk.StatusRenewedAfter - 1, talk.Online, talk.Online, false, false},
		"again, old":               {talk.Online, false, talk.StatusRenewedAfter, talk.Online, talk.Online, true, false},
		"away does not win":        {talk.Online, false, 10, talk.Away, talk.Online, false, false},
		"away wins later":          {talk.Online, false, talk.StatusRenewedAfter, talk.Away, talk.Away, true, false},
		"back from away":           {talk.Away, false, 10, talk.Online, talk.Online, true, false},
		"chosen dnd stays":         {talk.DND, true, now, talk.Online, talk.DND, false, true},
		"chosen invisible stays":   {talk.Invisible, true, 0, talk.Online, talk.Invisible, false, true},
		"chosen offline gives way": {talk.Offline, true, 0, talk.Online, talk.Online, true, false},
	} {
		s := talk.Status{Availability: c.before, UserDefined: c.chosen, SeenAt: now - c.age}
		after, store, kept, err := s.Pulse(c.found, now)
		if err != nil || after.Availability != c.want || store != c.store || kept != c.kept {
			t.Errorf("%s: %s, store %v, kept %v, %v", name, after.Availability, store, kept, err)
		}
		if store && (after.SeenAt != now || after.UserDefined) {
			t.Errorf("%s: stores %+v", name, after)
		}
	}
	for _, wrong := range []talk.Availability{talk.DND, talk.Busy, talk.Invisible, talk.Offline, ""} {
		if _, _, _, err := (talk.Status{}).Pulse(wrong, now); !talk.IsKind(err, talk.Invalid) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestCheckStatusMessage(t *testing.T) {
	for name, c := range map[string]struct {
		icon, message string
		clearAt       int64
		valid         bool
	}{
		"nothing":      {"", "", 0, true},
		"all":          {"🌴", strings.Repeat("ü", talk.MaxStatusMessage), 101, true},
		"icon is text": {"a", "", 0, false},
		"two icons":    {"🌴🌴", "", 0, false},
		"too long":     {"", strings.Repeat("ü", talk.MaxStatusMessage+1), 0, false},
		"over already": {"", "x", 100, false},
	} {
		if err := talk.CheckStatusMessage(c.icon, c.message, c.clearAt, 100); (err == nil) != c.valid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
