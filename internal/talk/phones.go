package talk

import "strings"

// Lengths of a telephone number with its country code, in digits.
const (
	minPhoneDigits = 7
	maxPhoneDigits = 15
)

// ParsePhone reads a telephone number as people write it and returns its E.164
// form, a plus sign and digits. The country code has to be there, behind a plus
// sign or 00, because the server does not know where the writer is.
func ParsePhone(text string) (number string, ok bool) {
	digits, international := strings.CutPrefix(strings.TrimSpace(text), "+")
	digits = strings.NewReplacer(" ", "", "-", "", "(", "", ")", "").Replace(digits)
	if !international {
		digits, international = strings.CutPrefix(digits, "00")
	}
	ok = international && len(digits) >= minPhoneDigits && len(digits) <= maxPhoneDigits &&
		digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
	if !ok {
		return "", false
	}
	return "+" + digits, true
}

// MaskPhone returns a number without its last digits, as people see it who may
// not know it.
func MaskPhone(number string) string {
	const hidden = 4
	return number[:max(len(number)-hidden, 0)] + "…"
}
