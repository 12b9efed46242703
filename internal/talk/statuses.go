package talk

import "unicode/utf8"

// Availability says whether a person can be reached.
type Availability string

// The availabilities, most present first.
const (
	Online    Availability = "online"
	Away      Availability = "away"
	DND       Availability = "dnd"
	Busy      Availability = "busy"
	Invisible Availability = "invisible"
	Offline   Availability = "offline"
)

var availabilityRanks = map[Availability]int{Online: 5, Away: 4, DND: 3, Busy: 2, Invisible: 1, Offline: 0}

// Valid reports whether a is one of the availabilities.
func (a Availability) Valid() bool {
	_, ok := availabilityRanks[a]
	return ok
}

// Limits of user statuses, times in seconds.
const (
	// MaxStatusMessage is in characters.
	MaxStatusMessage = 80
	// StatusFadesAfter is how long a sign of life counts.
	StatusFadesAfter = 900
	// StatusRenewedAfter is how old a sign of life has to be for the next one to
	// be stored; it is well below StatusFadesAfter, so that nobody fades who
	// sends them regularly.
	StatusRenewedAfter = 300
)

// Status is what a person tells of themselves. Times are Unix seconds.
type Status struct {
	UserID string
	Availability
	// UserDefined tells that the person chose the availability on purpose.
	UserDefined bool
	// MessageID names a predefined message, empty for an own one or none.
	MessageID     string
	Message, Icon string
	// ClearAt is when the message ends, 0 for never.
	ClearAt int64
	// SeenAt is the last sign of life.
	SeenAt int64
}

// At returns the status as it counts at a time: messages end, and people without
// signs of life go offline unless they chose to look otherwise.
func (s Status) At(now int64) Status {
	if s.ClearAt != 0 && s.ClearAt <= now {
		s = s.WithoutMessage()
	}
	if now-s.SeenAt > StatusFadesAfter && !s.lasting() {
		s.Availability, s.UserDefined = Offline, false
	}
	return s
}

// MayDisturb reports whether somebody with the status is told at once of what happens in a
// conversation, in which they are me: those who do not want to be disturbed only of important
// ones.
func (s Status) MayDisturb(me *Attendee) bool { return s.Availability != DND || me.Important }

// lasting reports whether the availability stays without signs of life.
func (s Status) lasting() bool { return s.UserDefined && s.Availability != Online }

// WithoutMessage returns the status without its message.
func (s Status) WithoutMessage() Status {
	s.MessageID, s.Message, s.Icon, s.ClearAt = "", "", "", 0
	return s
}

// InCall returns the status of somebody who is in a call: away, unless they do not want to be
// disturbed or seen. Their own comes back by itself with the end of the call.
func (s Status) InCall() Status {
	if s.Availability == Invisible {
		return s
	}
	call, _ := PredefinedStatusByID("call")
	s.MessageID, s.Message, s.Icon, s.ClearAt = call.ID, call.Message, call.Icon, 0
	if s.Availability != DND {
		s.Availability = Away
	}
	return s
}

// ForOthers returns the status as other people see it.
func (s Status) ForOthers() Status {
	if s.Availability == Invisible {
		s.Availability = Offline
	}
	return s
}

// Pulse returns the status after a sign of life that found the person online or
// away, and whether it has to be stored. kept tells that the person's own choice
// stays instead. Failure: Invalid for another availability.
func (s Status) Pulse(found Availability, now int64) (after Status, store, kept bool, err error) {
	if found != Online && found != Away {
		return s, false, false, Fail(Invalid, "")
	}
	s = s.At(now)
	if s.lasting() && s.Availability != Offline {
		return s, false, true, nil
	}
	if availabilityRanks[found] <= availabilityRanks[s.Availability] && now-s.SeenAt < StatusRenewedAfter {
		return s, false, false, nil
	}
	s.Availability, s.UserDefined, s.SeenAt = found, false, now
	return s, true, false, nil
}

// CheckStatusMessage reports why a message of one's own cannot be shown: the
// icon has to be one emoji or empty, the message a line without hidden characters,
// and the end, if any, to come.
func CheckStatusMessage(icon, message string, clearAt, now int64) error {
	switch {
	case icon != "" && !IsEmoji(icon),
		utf8.RuneCountInString(message) > MaxStatusMessage, Hidden(message),
		clearAt != 0 && clearAt <= now:
		return Fail(Invalid, "")
	}
	return nil
}

// PredefinedStatus is a message that people can choose.
type PredefinedStatus struct {
	ID, Icon, Message string
	// Seconds is how long it usually lasts; Until is day or week for those that
	// last until its end. Neither is set for those that stay.
	Seconds int64
	Until   string
	// Internal ones are chosen by programs, not by people.
	Internal bool
}

// PredefinedStatuses are all predefined messages in the order of lists.
var PredefinedStatuses = []PredefinedStatus{
	{ID: "meeting", Icon: "📅", Message: "Meeting", Seconds: 3600},
	{ID: "commuting", Icon: "🚌", Message: "On the way", Seconds: 1800},
	{ID: "be-right-back", Icon: "⏳", Message: "Back soon", Seconds: 900},
	{ID: "remote-work", Icon: "🏡", Message: "Working from home", Until: "day"},
	{ID: "sick-leave", Icon: "🤒", Message: "Unwell", Until: "day"},
	{ID: "vacationing", Icon: "🌴", Message: "On holiday"},
	{ID: "call", Icon: "💬", Message: "In a call", Internal: true},
	{ID: "availability", Icon: "📴", Message: "Not at work", Internal: true},
	{ID: "ooo", Icon: "🛑", Message: "Out of office", Internal: true},
}

// PredefinedStatusByID returns a predefined message.
func PredefinedStatusByID(id string) (PredefinedStatus, bool) {
	for _, p := range PredefinedStatuses {
		if p.ID == id {
			return p, true
		}
	}
	return PredefinedStatus{}, false
}
