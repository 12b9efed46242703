package mail

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/url"
	"strings"
	texttemplate "text/template"
	"unicode"

	"parley/internal/talk"
)

//go:embed invitation.html invitation.txt
var templates embed.FS

// Invitation is what an invitation tells.
type Invitation struct {
	// Address is who gets it.
	Address string
	// Inviter is a display name, empty when nobody is known.
	Inviter string
	// Room is the name of the conversation.
	Room string
	// Link is the personal link. Whoever has it is the guest.
	Link string
	// DialIn is nil for conversations that cannot be dialled.
	DialIn *DialIn
}

// DialIn is how to take part by telephone.
type DialIn struct {
	// Info is the administrator's text about numbers to call.
	Info string
	// MeetingID and PIN are what the telephone asks for.
	MeetingID, PIN string
}

// newInvitation takes the facts of a guest. base is the address of the server, dialIn
// the administrator's text, empty without telephones.
func newInvitation(room *talk.Room, guest *talk.Attendee, inviter, base, dialIn string) Invitation {
	i := Invitation{
		Address: guest.Address, Inviter: oneLine(inviter), Room: oneLine(room.Name),
		Link: personalLink(base, room.Token, guest),
	}
	if dialIn != "" && room.SIP != talk.SIPDisabled && guest.PIN != "" {
		i.DialIn = &DialIn{Info: dialIn, MeetingID: room.Token, PIN: guest.PIN}
	}
	return i
}

// personalLink is the address of the page that makes its visitor the guest.
func personalLink(base, token string, guest *talk.Attendee) string {
	return base + "/call/" + url.PathEscape(token) + "?email=" + url.QueryEscape(guest.Address) + "&access=" + url.QueryEscape(guest.AccessToken)
}

// oneLine makes a name fit into a header and a sentence.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// Subject says who invites; it is also the first sentence of the text.
func (i Invitation) Subject() string {
	if i.Inviter == "" {
		return "You were invited to a conversation."
	}
	return i.Inviter + " invited you to a conversation."
}

// Compose returns the two forms of the invitation, which say the same.
func (i Invitation) Compose() (html, text string, err error) {
	var h, t bytes.Buffer
	page, err := template.ParseFS(templates, "invitation.html")
	if err == nil {
		err = page.Execute(&h, i)
	}
	if err != nil {
		return "", "", fmt.Errorf("write the invitation: %w", err)
	}
	plain, err := texttemplate.ParseFS(templates, "invitation.txt")
	if err == nil {
		err = plain.Execute(&t, i)
	}
	if err != nil {
		return "", "", fmt.Errorf("write the invitation: %w", err)
	}
	return h.String(), t.String(), nil
}
