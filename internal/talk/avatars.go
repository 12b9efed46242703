package talk

import (
	"strings"
	"unicode"
)

// MaxAvatar is how large an uploaded picture is, in bytes.
const MaxAvatar = 12 << 20

// Initials are the first letters of the first and the last word of a name, in capitals; of one
// word its first letter.
func Initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) })
	first := func(word string) string {
		for _, r := range word {
			return string(unicode.ToUpper(r))
		}
		return ""
	}
	switch len(words) {
	case 0:
		return ""
	case 1:
		return first(words[0])
	}
	return first(words[0]) + first(words[len(words)-1])
}

// HasPicture reports whether somebody chose the picture of the conversation.
func (r *Room) HasPicture() bool { return r.AvatarEmoji != "" || r.AvatarPicture != "" }

// CanSetPicture reports why the conversation has no picture of its own. The message is for
// people.
func (r *Room) CanSetPicture() error {
	switch {
	case r.IsOneToOne():
		return &Error{Kind: Invalid, Reason: "type", Message: "A one-to-one shows the picture of the other one."}
	case r.IsBreakout():
		return &Error{Kind: Invalid, Reason: "type", Message: "Breakout rooms have no pictures of their own."}
	}
	return nil
}

// CheckEmojiPicture reports why an emoji and the colour behind it make no picture.
func CheckEmojiPicture(emoji, colour string) error {
	if !IsEmoji(emoji) {
		return &Error{Kind: Invalid, Reason: "emoji", Message: "That is not one emoji."}
	}
	if colour != "" && (len(colour) != 6 || strings.Trim(colour, "0123456789abcdefABCDEF") != "") {
		return &Error{Kind: Invalid, Reason: "color", Message: "That is not a colour of six hexadecimal digits."}
	}
	return nil
}
