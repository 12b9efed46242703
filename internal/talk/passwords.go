package talk

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// commonPasswords are among the first that anybody tries, in lower case and
// without the digits and marks that people put behind them.
var commonPasswords = strings.Fields(`
	password passwort passw0rd p@ssw0rd p@ssword pa$$word mypassword secret geheim letmein welcome willkommen
	changeme changeit default admin administrator superuser root login master access hello hallo test testtest testing
	qwerty qwertyui qwertyuiop qwertz qwertzui qwertzuiop azerty azertyuiop asdf asdfasdf asdfgh asdfghjk asdfghjkl
	zxcvbnm yxcvbnm qweasd qweasdzxc qazwsx qazwsxedc 1qaz2wsx 1qaz2wsx3edc zaq12wsx 1q2w3e4r 1q2w3e4r5t q1w2e3r4
	q1w2e3r4t5 1234qwer qwer1234 a1b2c3d4 abc abcabc abcd abcd1234 abcdef abcdefg abcdefgh abcdefghi aaaaaaaa
	iloveyou ichliebedich sunshine princess prinzessin football fussball baseball basketball superman batman
	starwars pokemon dragon monkey shadow michael michelle jennifer jessica charlie trustno1 whatever computer internet
	samsung summer winter spring autumn sommer freedom liverpool chelsea arsenal nextcloud owncloud parley talktalk
	letmeinnow opensesame`)

// CheckPassword checks a new password of an account against the rules: at least
// minimum characters, not the user id and none that everybody tries first. They
// are off when minimum is 0. The error is Invalid "password" and says what to
// change.
func CheckPassword(userID, password string, minimum int) error {
	switch {
	case minimum <= 0:
		return nil
	case utf8.RuneCountInString(password) < minimum:
		return badPassword(fmt.Sprintf("The password is too short: it needs at least %d characters", minimum))
	case userID != "" && strings.EqualFold(strings.TrimSpace(password), userID):
		return badPassword("The password is the user id: choose another one")
	case isCommon(password):
		return badPassword("The password is one of those that are tried first: choose another one")
	}
	return nil
}

func badPassword(message string) error {
	return &Error{Kind: Invalid, Reason: "password", Message: message}
}

// isCommon reports whether a password is a common one, perhaps with digits
// or exclamation marks at its end, or nothing but digits in a row or one sign.
func isCommon(password string) bool {
	text := strings.ToLower(strings.TrimSpace(password))
	word := strings.TrimRight(text, "0123456789!")
	return slices.Contains(commonPasswords, text) || slices.Contains(commonPasswords, word) || isRun(text)
}

// digitRuns are the digits in the order of the keys, up and down.
var digitRuns = []string{"12345678901234567890", "09876543210987654321"}

// isRun reports whether a text is one sign, or digits in the order of the keys,
// over and over.
func isRun(text string) bool {
	if _, size := utf8.DecodeRuneInString(text); strings.Trim(text, text[:size]) == "" {
		return true
	}
	for _, way := range []string{"1234567890", "0123456789", "0987654321", "9876543210", "123", "1234", "12345", "12", "123321", "1212"} {
		if strings.HasPrefix(strings.Repeat(way, len(text)/len(way)+1), text) {
			return true
		}
	}
	return slices.ContainsFunc(digitRuns, func(run string) bool { return strings.Contains(run, text) })
}
