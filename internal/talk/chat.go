package talk

import (
	"strings"
	"unicode/utf8"
)

// Limits of messages.
const (
	// MaxMessage is the length of a message in characters.
	MaxMessage = 32000
	// MaxReferenceID is the length of a reference id in characters; more is cut off.
	MaxReferenceID = 64
	// EditableFor is how long the text of a message can be changed, in seconds.
	EditableFor = 24 * 3600
)

// NothingRead is the read marker of somebody who marked everything as unread. Markers
// below it do not exist.
const NothingRead = -2

// blanks are the signs that are cut off around a message.
const blanks = " \t\n\r\x00\x0b"

// TrimMessage returns a message without the blanks around it. Failure: Invalid "message"
// when nothing is left.
func TrimMessage(text string) (string, error) {
	if text = strings.Trim(text, blanks); text == "" {
		return "", Fail(Invalid, "message")
	}
	return text, nil
}

// CheckMessageLength returns TooLarge "message" for a text that is too long.
func CheckMessageLength(text string) error {
	if len(text) > MaxMessage && utf8.RuneCountInString(text) > MaxMessage {
		return Fail(TooLarge, "message")
	}
	return nil
}

// TrimReference returns a reference id without the blanks around it and no longer than
// it may be.
func TrimReference(id string) string {
	id = strings.Trim(id, blanks)
	for i := range id {
		if utf8.RuneCountInString(id[:i]) == MaxReferenceID {
			return strings.Trim(id[:i], blanks)
		}
	}
	return id
}

// MayMentionAll reports whether somebody's "@all" means everybody.
func (r *Room) MayMentionAll(me *Attendee) bool { return r.MentionPermissions == 0 || me.IsModerator() }

// CanChangeMessage reports why somebody may neither edit nor delete a message:
// Forbidden "permission" for those who did not write it and do not moderate, or in a
// one-to-one.
func CanChangeMessage(m *Message, me *Attendee, r *Room) error {
	if m.Actor == me.Actor || me.Type.IsAccountModerator() && !r.IsOneToOne() {
		return nil
	}
	return Fail(Forbidden, "permission")
}

// CanEdit reports why the text of a message may not change: as CanChangeMessage, then
// Unsupported "message" for what has no text, Invalid "age".
func CanEdit(m *Message, me *Attendee, r *Room, now int64) error {
	byBot := m.Actor.Type == ActorBots && r.IsOneToOne()
	if err := CanChangeMessage(m, me, r); err != nil && !byBot {
		return err
	}
	switch {
	case !m.Kind.Counts():
		return Fail(Unsupported, "message")
	case r.Type != NoteToSelf && m.Timestamp < now-EditableFor:
		return Fail(Invalid, "age")
	}
	return nil
}

// CanDelete reports why a message may not be deleted: as CanChangeMessage, then
// Unsupported "message" for what is no message of a person, or not any more.
func CanDelete(m *Message, me *Attendee, r *Room) error {
	if err := CanChangeMessage(m, me, r); err != nil {
		return err
	}
	if !m.Kind.Counts() {
		return Fail(Unsupported, "message")
	}
	return nil
}

// MarkUnread returns the read marker that makes the newest message unread. newest has up
// to two of the newest comments and objects, the newest one first, and last is the newest
// message that is an activity; before is the message right before that, 0 for none.
func MarkUnread(last *Message, newest []int64, before int64) int64 {
	if len(newest) > 0 && last.Kind.Counts() && newest[0] == last.ID {
		newest = newest[1:]
	} else if len(newest) > 1 {
		newest = newest[1:]
	}
	switch {
	case len(newest) > 0:
		return newest[0]
	case before > 0:
		return before
	}
	return NothingRead
}
