package wire

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// talk21 are the features of Talk 21.
const talk21 = `audio video chat-v2 conversation-v4 guest-signaling empty-group-room guest-display-names multi-room-users
favorites last-room-activity no-ping system-messages delete-messages mention-flag in-call-flags conversation-call-flags
notification-levels invite-groups-and-mails locked-one-to-one-rooms read-only-rooms listable-rooms chat-read-marker chat-unread
webinary-lobby start-call-flag chat-replies circles-support force-mute sip-support sip-support-nopin chat-read-status
phonebook-search raise-hand room-description rich-object-sharing temp-user-avatar-api geo-location-sharing voice-message-sharing
signaling-v3 publishing-permissions clear-history direct-mention-flag notification-calls conversation-permissions
rich-object-list-media rich-object-delete unified-search chat-permission silent-send silent-call send-call-notification talk-polls
breakout-rooms-v1 recording-v1 avatar chat-get-context single-conversation-status chat-keep-notifications typing-privacy
remind-me-later bots-v1 markdown-messages media-caption session-state note-to-self recording-consent sip-support-dialout
delete-messages-unlimited edit-messages silent-send-state chat-read-last federation-v1 federation-v2 ban-v1 chat-reference-id
mention-permissions edit-messages-note-to-self archived-conversations-v2 talk-polls-drafts download-call-participants
email-csv-import conversation-creation-password call-notification-state-api schedule-meeting edit-draft-poll
conversation-creation-all important-conversations unbind-conversation sip-direct-dialin dashboard-event-rooms
mutual-calendar-events upcoming-reminders sensitive-conversations message-expiration reactions chat-summary-api
call-end-to-end-encryption`

// Every feature is announced, or said to be absent.
func TestAbsentFeaturesAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../../docs/divergences.md")
	if err != nil {
		t.Fatal(err)
	}
	_, absent, found := strings.Cut(string(text), "## Not there yet")
	if !found {
		t.Fatal("no list of what is absent")
	}
	announced := FeatureNames(false)
	for _, name := range strings.Fields(talk21) {
		documented := strings.Contains(absent, "`"+name+"`")
		if documented == slices.Contains(announced, name) {
			t.Errorf("%s: announced and absent, or neither (said to be absent: %v)", name, documented)
		}
	}
}
