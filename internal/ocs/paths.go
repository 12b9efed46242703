package ocs

import "strings"

// splitPath takes a decoded URL path apart into the OCS version (1 or 2) and
// the part behind the entry point, for example /apps/spreed/api/v4/room. It
// accepts a leading /index.php and repeated slashes anywhere, because clients
// send both. A trailing slash stays, and makes an unknown route later. ok is
// false for paths that are no OCS paths and for those with . or .. in them.
func splitPath(p string) (version int, rest string, ok bool) {
	p, ok = cleanPath(p)
	if !ok {
		return 0, "", false
	}
	p = strings.TrimPrefix(p, "/index.php")
	switch {
	case strings.HasPrefix(p, "/ocs/v1.php"):
		version = 1
	case strings.HasPrefix(p, "/ocs/v2.php"):
		version = 2
	default:
		return 0, "", false
	}
	rest = p[len("/ocs/v1.php"):]
	if rest == "" {
		rest = "/"
	}
	if rest[0] != '/' {
		return 0, "", false
	}
	return version, rest, true
}

// cleanPath folds repeated slashes and refuses dot segments. Nearly every path
// is clean already and is returned as it is.
func cleanPath(p string) (string, bool) {
	if !strings.HasPrefix(p, "/") {
		return "", false
	}
	if strings.Contains(p, "//") {
		p = foldSlashes(p)
	}
	if !strings.Contains(p, "/.") {
		return p, true
	}
	for segment := range strings.SplitSeq(p, "/") {
		if segment == "." || segment == ".." {
			return "", false
		}
	}
	return p, true
}

func foldSlashes(p string) string {
	var b strings.Builder
	b.Grow(len(p))
	for i := range len(p) {
		if p[i] != '/' || i == 0 || p[i-1] != '/' {
			b.WriteByte(p[i])
		}
	}
	return b.String()
}

// validToken tells whether s has the form of a conversation token: 4 to 30
// lower-case letters and digits.
func validToken(s string) bool {
	if len(s) < 4 || len(s) > 30 {
		return false
	}
	for i := range len(s) {
		if !isDigit(s[i]) && (s[i] < 'a' || s[i] > 'z') {
			return false
		}
	}
	return true
}

// validPIN tells whether s has the form of a dial-in PIN: 7 to 32 digits.
func validPIN(s string) bool {
	if len(s) < 7 || len(s) > 32 {
		return false
	}
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool {
	return c >= '0' && c <= '9'
}
