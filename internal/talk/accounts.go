package talk

import (
	"strings"
	"unicode/utf8"
)

// Bounds of ids, in bytes.
const (
	MaxUserID  = 64
	MaxGroupID = 64
)

// reservedIDs are words that stand in addresses where ids of accounts and groups
// stand, so that nobody could be reached by such an id.
var reservedIDs = []string{"details"}

// IsReservedID reports whether a word is no id because addresses mean something
// else by it.
func IsReservedID(id string) bool {
	for _, word := range reservedIDs {
		if strings.EqualFold(id, word) {
			return true
		}
	}
	return false
}

// ValidUserID reports whether id may name an account: letters, digits and a few
// signs of ASCII. The id of chat bridges is reserved.
func ValidUserID(id string) bool {
	const signs = "_.@-' "
	if len(id) > MaxUserID || strings.TrimSpace(id) != id || foldsAway(id) || IsReservedID(id) || strings.EqualFold(id, BridgeBot) {
		return false
	}
	for _, r := range id {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune(signs, r) {
			return false
		}
	}
	return true
}

// ValidGroupID reports whether id may name a group: any text that can stand in an
// address. Slashes can, escaped, unless the part before or behind them folds away.
func ValidGroupID(id string) bool {
	if len(id) > MaxGroupID || !utf8.ValidString(id) || !PlainName(id, MaxGroupID) || IsReservedID(id) {
		return false
	}
	for part := range strings.SplitSeq(strings.ReplaceAll(unescaped(id), `\`, "/"), "/") {
		if foldsAway(strings.TrimSpace(part)) {
			return false
		}
	}
	return true
}

// foldsAway reports whether a part of an address is nothing, or dots, which URL
// libraries take for the folder itself and the one above, escaped or not.
func foldsAway(part string) bool { return strings.Trim(unescaped(part), ".") == "" }

// unescaped undoes the escapes of dots and slashes, however often they were
// escaped.
func unescaped(id string) string {
	for strings.Contains(id, "%25") {
		id = strings.ReplaceAll(id, "%25", "%")
	}
	return strings.NewReplacer("%2e", ".", "%2E", ".", "%2f", "/", "%2F", "/", "%5c", `\`, "%5C", `\`).Replace(id)
}
