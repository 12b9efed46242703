package auth

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"parley/internal/secret"
	"parley/internal/store"
)

// CookieName is the name of the one cookie that parley sets.
const CookieName = "parley_session"

const (
	// cookieLife is how long a cookie is good after it was issued.
	cookieLife = 30 * 24 * time.Hour
	// maxCookieBytes is the longest value that browsers keep.
	maxCookieBytes = 4096
	// ticketVersion keeps cookies apart from whatever else the key signs.
	ticketVersion = CookieName + "/2"
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

// cookie returns the cookie that carries t. It ends with the browser's session.
func (s *Service) cookie(r *http.Request, t ticket) *http.Cookie {
	return &http.Cookie{
		Name: CookieName, Value: s.key.Sign(t.String()), Path: "/",
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.secure(r),
	}
}

// shownTicket returns the ticket that the request carries, if we issued it and
// it is not too old.
func (s *Service) shownTicket(r *http.Request) (ticket, bool) {
	c, err := r.Cookie(CookieName)
	if err != nil || len(c.Value) > maxCookieBytes {
		return ticket{}, false
	}
	text, ok := s.key.Open(c.Value)
	if !ok {
		return ticket{}, false
	}
	t, ok := parseTicket(text)
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
