package talk_test

import (
	"testing"

	"parley/internal/talk"
)

// Every value of the small enumerations, for tables that leave nothing out.
var (
	roomTypes = []talk.RoomType{talk.OneToOne, talk.Group, talk.Public, talk.Changelog, talk.FormerOneToOne, talk.NoteToSelf}
	roles     = []talk.ParticipantType{talk.Owner, talk.Moderator, talk.Member, talk.GuestRole, talk.SelfJoined, talk.GuestModerator}
	actors    = []talk.ActorType{
		talk.ActorUsers, talk.ActorGroups, talk.ActorTeams, talk.ActorGuests, talk.ActorEmails, talk.ActorPhones,
		talk.ActorFederatedUsers, talk.ActorBots, talk.ActorDeletedUsers,
	}
	objectTypes = []string{
		talk.ObjectNone, talk.ObjectFile, talk.ObjectVideoVerification, talk.ObjectBreakout, talk.ObjectPhone,
		talk.ObjectPhonePersist, talk.ObjectPhoneTemporary, talk.ObjectEvent, talk.ObjectExtendedConversation,
		talk.ObjectInstantMeeting, talk.ObjectNoteToSelf, talk.ObjectEmails,
	}
	bools = []bool{false, true}
)

// outcome is the text of a failure, "" for none.
func outcome(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// wantOutcome compares a failure with its expected text.
func wantOutcome(t *testing.T, err error, want, format string, about ...any) {
	t.Helper()
	if got := outcome(err); got != want {
		t.Errorf(format+": got %q, want %q", append(about, got, want)...)
	}
}
