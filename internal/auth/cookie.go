package auth

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"parley/internal/secret"
	"parley/internal/store"
)

const (
	// sharedName is what cookies of all installations were called once. Whoever has
	// one of ours keeps its place.
	sharedName = "parley_session"
	// nameOwnDigits is the length of what is the installation's own in a name.
	nameOwnDigits = 12
	// maxShown is how many cookies of one name are looked at. There are several when
	// the path of the installation changed, or when others set them.
	maxShown = 8
	// cookieLife is how long a cookie is good after it was issued.
	cookieLife = 30 * 24 * time.Hour
	// maxCookieBytes is the longest value that browsers keep.
	maxCookieBytes = 4096
	// ticketVersion keeps cookies apart from whatever else the key signs.
	ticketVersion = sharedName + "/2"
	ticketIDChars = 32 // 190 bits
	proofChars    = 16 // 64 bits, which only we can compute
)

// ticket is the content of a session cookie.
type ticket struct {
	id          string // random; names the client session
	issued      int64  // Unix seconds
	user        string // canonical user id, empty for guests
	appPassword int64  // 0 for none
	proof       string // changes with the account's password, empty for guests
	confirmed   int64  // when the client showed the account's password, Unix seconds, 0 for never
}

// newTicket returns a ticket for a client that showed none.
func (s *Service) newTicket(who login) ticket {
	t := ticket{id: secret.Token(ticketIDChars, secret.Alphanumeric), issued: s.now().Unix()}
	if who.account.UserID != "" {
		t.user, t.appPassword, t.proof = who.account.UserID, who.appPassword, s.proof(who.account)
		if who.appPassword == 0 {
			t.confirmed = t.issued
		}
	}
	return t
}

// proof returns what ties a cookie to the current password of the account.
func (s *Service) proof(a store.Account) string {
	return s.key.Digest(purposeCookieProof, a.UserID, a.PasswordID)[:proofChars]
}

// CookieSecure reports whether a cookie of the request must not travel without encryption.
func (s *Service) CookieSecure(r *http.Request) bool { return s.secure(r) }

// cookieName returns the name of the one cookie that an installation sets. It comes
// from its key, so that all nodes have the same, also after a move: browsers send
// cookies to all ports of a host and to all paths below, where others may live.
func cookieName(key secret.Key) string {
	return sharedName + "_" + key.Digest(purposeCookieName)[:nameOwnDigits]
}

// cookie returns the cookie that carries t. It ends with the browser's session.
func (s *Service) cookie(r *http.Request, t ticket) *http.Cookie {
	return &http.Cookie{
		Name: s.cookieName, Value: s.key.Sign(t.String()), Path: s.cookiePath,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure(r),
	}
}

// shown is a ticket that a request carries. renamed tells that it came under the name
// that all installations shared, where another one may replace it any time.
type shown struct {
	ticket
	renamed bool
}

// shownTickets returns the tickets that the request carries, as far as we issued them
// and they are not too old: those under our own name first, and of one name those of
// the longest path first, as browsers send them.
func (s *Service) shownTickets(r *http.Request) []shown {
	var out []shown
	for _, name := range []string{s.cookieName, sharedName} {
		cookies := r.CookiesNamed(name)
		for _, c := range cookies[:min(len(cookies), maxShown)] {
			if t, ok := s.readTicket(c.Value); ok {
				out = append(out, shown{t, name == sharedName})
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// readTicket returns the ticket that the value of a cookie holds, if we issued it and
// it is not too old.
func (s *Service) readTicket(value string) (ticket, bool) {
	if len(value) > maxCookieBytes {
		return ticket{}, false
	}
	text, ok := s.key.Open(value)
	if !ok {
		return ticket{}, false
	}
	t, ok := parseTicket(text)
	if !ok {
		t, ok = parseFirstTicket(text)
	}
	return t, ok && s.now().Sub(time.Unix(t.issued, 0)) <= cookieLife
}

// String returns the text that is signed. The user id comes last because it may
// contain the separator.
func (t ticket) String() string {
	return strings.Join([]string{
		ticketVersion, t.id, strconv.FormatInt(t.issued, 10), strconv.FormatInt(t.appPassword, 10),
		strconv.FormatInt(t.confirmed, 10), t.proof, t.user,
	}, "|")
}

// parseTicket reads exactly what String writes, which includes the version.
func parseTicket(text string) (ticket, bool) {
	parts := strings.SplitN(text, "|", 7)
	if len(parts) != 7 || len(parts[1]) != ticketIDChars {
		return ticket{}, false
	}
	issued, errIssued := strconv.ParseInt(parts[2], 10, 64)
	app, errApp := strconv.ParseInt(parts[3], 10, 64)
	confirmed, errConfirmed := strconv.ParseInt(parts[4], 10, 64)
	t := ticket{id: parts[1], issued: issued, appPassword: app, confirmed: confirmed, proof: parts[5], user: parts[6]}
	if errIssued != nil || errApp != nil || errConfirmed != nil || t.String() != text {
		return ticket{}, false
	}
	return t, true
}

// parseFirstTicket reads a ticket of the first version of cookies, if it is one of a
// guest: who has an account can log in again, but a guest would lose their place.
func parseFirstTicket(text string) (ticket, bool) {
	rest, ok := strings.CutPrefix(text, sharedName+"/1|")
	rest, isGuest := strings.CutSuffix(rest, "|0||")
	id, since, _ := strings.Cut(rest, "|")
	issued, err := strconv.ParseInt(since, 10, 64)
	if !ok || !isGuest || err != nil || len(id) != ticketIDChars || strconv.FormatInt(issued, 10) != since {
		return ticket{}, false
	}
	return ticket{id: id, issued: issued}, true
}
