package mail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"parley/internal/outbox"
)

// sendTimeout is how long the mail server may take for one mail.
const sendTimeout = time.Minute

// Usual ports of mail servers: between servers, for clients that log in, and
// with TLS from the start.
const (
	relayPort      = 25
	submissionPort = 587
	tlsPort        = 465
)

// Sender hands mail to one mail server.
type Sender struct {
	host     string
	password string
	from     *mail.Address
	options  []gomail.Option
	// timeout is sendTimeout, or less in tests.
	timeout time.Duration
}

// NewSender returns a sender for smtp://user:password@host:port, which uses TLS
// if the server offers it, or smtps://…, which insists on it. A password is
// never sent without TLS but to this machine. from is the sender of all mail.
func NewSender(server, from string) (*Sender, error) {
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		// Without the cause, which would repeat the password.
		return nil, errors.New("mail: the server must be smtp://user:password@host:port or smtps://…")
	}
	address, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("mail: the sender %q is no address", from)
	}
	s := &Sender{host: u.Hostname(), from: address, timeout: sendTimeout}
	s.password, _ = u.User.Password()
	s.options = []gomail.Option{gomail.WithPort(portOf(u))}
	if u.Scheme == "smtps" {
		s.options = append(s.options, gomail.WithSSL())
	} else {
		s.options = append(s.options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	}
	if user := u.User.Username(); user != "" {
		s.options = append(s.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(user), gomail.WithPassword(s.password))
	}
	return s, nil
}

func portOf(u *url.URL) int {
	usual := relayPort
	switch {
	case u.Scheme == "smtps":
		usual = tlsPort
	case u.User.Username() != "":
		usual = submissionPort
	}
	port, _ := strconv.Atoi(u.Port()) // 0 for none
	return cmp.Or(port, usual)
}

// Send hands one invitation over. id makes the mail recognisable when it is sent
// a second time, now is its date. Errors are one line without secrets, refused when
// they concern this mail and the server does its work.
func (s *Sender) Send(ctx context.Context, i Invitation, id string, now time.Time) error {
	message, err := s.message(i, id, now)
	if err != nil {
		return outbox.Refused(s.clean(err, i))
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	client, err := gomail.NewClient(s.host, append([]gomail.Option{
		gomail.WithTimeout(s.timeout), gomail.WithDialContextFunc(dialUntil(ctx)),
	}, s.options...)...)
	if err == nil {
		err = client.DialAndSendWithContext(ctx, message)
	}
	if err == nil || message.IsDelivered() {
		return nil // what went wrong after that concerns the connection alone
	}
	if e, ok := errors.AsType[*gomail.SendError](err); ok && e.ErrorCode() != 0 && e.Reason != gomail.ErrSMTPMailFrom {
		return outbox.Refused(s.clean(err, i))
	}
	return s.clean(err, i)
}

// dialUntil returns a dialler whose connections end with ctx: a server that says
// nothing must not hold up the end of the process.
func dialUntil(ctx context.Context) gomail.DialContextFunc {
	return func(dialing context.Context, network, address string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(dialing, network, address)
		if err == nil {
			context.AfterFunc(ctx, func() { conn.Close() })
		}
		return conn, err
	}
}

func (s *Sender) message(i Invitation, id string, now time.Time) (*gomail.Msg, error) {
	html, text, err := i.Compose()
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.To(i.Address); err != nil {
		return nil, err
	}
	if err := m.FromFormat(cmp.Or(i.Inviter, s.from.Name), s.from.Address); err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(s.from.Address, "@")
	m.SetMessageIDWithValue(id + "@" + domain)
	m.SetDateWithValue(now)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.Subject(i.Subject())
	m.SetBodyString(gomail.TypeTextPlain, text)
	m.AddAlternativeString(gomail.TypeTextHTML, html)
	return m, nil
}

// maxCause is how much of what a mail server says is kept, in characters.
const maxCause = 300

// clean returns an error of one line without the password, the personal link and
// the address, whatever the server repeated of them.
func (s *Sender) clean(err error, i Invitation) error {
	text := oneLine(err.Error())
	for _, hidden := range []string{s.password, i.Link, accessOf(i.Link), i.Address} {
		if hidden != "" {
			text = strings.ReplaceAll(text, hidden, "***")
		}
	}
	if r := []rune(text); len(r) > maxCause {
		text = string(r[:maxCause])
	}
	return errors.New(text)
}

// accessOf returns the secret part of a personal link.
func accessOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Query().Get("access")
}
