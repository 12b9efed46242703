package talktest

import (
	"bufio"
	"cmp"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"parley/internal/config"
)

// MailMode is how a [MailServer] behaves.
type MailMode int

// The ways of mail servers.
const (
	// MailAccepts takes every mail.
	MailAccepts MailMode = iota
	// MailRefusesPeople answers each recipient with an error.
	MailRefusesPeople
	// MailRefusesAll is out of order and says so.
	MailRefusesAll
	// MailHangs takes connections and says nothing.
	MailHangs
	// MailDrops closes the connection in the middle of the mail.
	MailDrops
)

// Mail is a message that a [MailServer] accepted.
type Mail struct {
	// From and To are those of the envelope.
	From, To string
	Header   mail.Header
	// Text and HTML are the two forms of its body.
	Text, HTML string
}

// MailServer is a real SMTP server on a free port of 127.0.0.1.
type MailServer struct {
	t        testing.TB
	listener net.Listener
	accepted chan Mail

	mu       sync.Mutex
	mode     MailMode
	attempts int
	open     map[net.Conn]bool
	running  sync.WaitGroup
}

// StartMail starts a mail server that stops when the test ends.
func StartMail(t testing.TB) *MailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &MailServer{t: t, listener: l, accepted: make(chan Mail, 10_000), open: map[net.Conn]bool{}}
	s.running.Go(s.accept)
	t.Cleanup(s.stop)
	return s
}

// Option makes a server send its mail here, with links to an address that it gets
// unless it has one.
func (s *MailServer) Option(c *config.Config) {
	c.URL = cmp.Or(c.URL, "http://talk.example.org")
	c.SMTPURL, c.MailFrom = "smtp://"+s.listener.Addr().String(), "no-reply@talk.example.org"
}

// Behave changes how the server treats the next connections and commands.
func (s *MailServer) Behave(mode MailMode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mode = mode
}

// Attempts returns the number of connections so far.
func (s *MailServer) Attempts() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.attempts
}

// Next returns the next accepted mail and ends the test when none comes.
func (s *MailServer) Next() Mail {
	s.t.Helper()
	select {
	case m := <-s.accepted:
		return m
	case <-time.After(20 * time.Second):
		s.t.Fatal("no mail came")
		return Mail{}
	}
}

// None ends the test when a mail was accepted that [MailServer.Next] did not return.
func (s *MailServer) None() {
	s.t.Helper()
	select {
	case m := <-s.accepted:
		s.t.Fatalf("a mail too many, to %s", m.To)
	default:
	}
}

func (s *MailServer) stop() {
	s.listener.Close()
	s.mu.Lock()
	for conn := range s.open {
		conn.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

func (s *MailServer) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.attempts++
		s.open[conn] = true
		s.mu.Unlock()
		s.running.Go(func() {
			s.serve(conn)
			s.mu.Lock()
			delete(s.open, conn)
			s.mu.Unlock()
			conn.Close()
		})
	}
}

func (s *MailServer) now() MailMode {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mode
}

// exchange is one connection.
type exchange struct {
	*textproto.Conn
	server   *MailServer
	from, to string
}

func (s *MailServer) serve(conn net.Conn) {
	e := exchange{Conn: textproto.NewConn(conn), server: s}
	switch s.now() {
	case MailHangs:
		_, _ = io.Copy(io.Discard, conn) // until the client gives up
		return
	case MailRefusesAll:
		e.reply("554 out of order")
		return
	}
	e.reply("220 mail.example.org")
	for {
		line, err := e.ReadLine()
		if err != nil || !e.answer(line) {
			return
		}
	}
}

// say sends an answer; a client that is gone shows at the next line.
func (e *exchange) reply(line string) { _ = e.PrintfLine("%s", line) }

// answer follows one command and reports whether the connection goes on.
func (e *exchange) answer(line string) bool {
	verb, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(verb) {
	case "EHLO", "HELO":
		e.reply("250-mail.example.org")
		e.reply("250-SMTPUTF8")
		e.reply("250 8BITMIME")
	case "MAIL":
		e.from = addressIn(rest)
		e.reply("250 ok")
	case "RCPT":
		if e.server.now() == MailRefusesPeople {
			e.reply("550 no such person: " + addressIn(rest))
			return true
		}
		e.to = addressIn(rest)
		e.reply("250 ok")
	case "DATA":
		e.reply("354 go on")
		return e.receive()
	case "QUIT":
		e.reply("221 bye")
		return false
	default:
		e.reply("250 ok")
	}
	return true
}

func addressIn(rest string) string {
	_, rest, _ = strings.Cut(rest, "<")
	address, _, _ := strings.Cut(rest, ">")
	return address
}

func (e *exchange) receive() bool {
	if e.server.now() == MailDrops {
		_, _ = e.ReadLine() // one line, and then no more
		return false
	}
	m, err := readMail(e.DotReader())
	if err != nil {
		e.server.t.Errorf("a mail that cannot be read: %v", err)
		e.reply("554 broken mail")
		return true
	}
	m.From, m.To = e.from, e.to
	e.server.accepted <- m
	e.reply("250 accepted")
	return true
}

// readMail parses a message with a text and an HTML form.
func readMail(r io.Reader) (Mail, error) {
	message, err := mail.ReadMessage(bufio.NewReader(r))
	if err != nil {
		return Mail{}, err
	}
	m := Mail{Header: message.Header}
	_, params, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		return Mail{}, err
	}
	parts := multipart.NewReader(message.Body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF { //nolint:errorlint // the reader returns it as it is
			_, err := io.Copy(io.Discard, message.Body)
			return m, err
		}
		if err != nil {
			return Mail{}, err
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return Mail{}, err
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			m.HTML = string(body)
		} else {
			m.Text = string(body)
		}
	}
}

// HeaderText returns a decoded header field.
func (m Mail) HeaderText(name string) string {
	var decoder mime.WordDecoder
	text, err := decoder.DecodeHeader(m.Header.Get(name))
	if err != nil {
		return m.Header.Get(name)
	}
	return text
}

// Link returns the address of the page in the text form, without the server's.
func (m Mail) Link() string {
	_, rest, _ := strings.Cut(m.Text, "/call/")
	link, _, _ := strings.Cut("/call/"+rest, "\n")
	return strings.TrimSpace(link)
}
