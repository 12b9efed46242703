package talktest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

const (
	// websocketPatience is how long a test waits for a message by websocket, awaitPause how long it waits before it does
	// something again.
	websocketPatience = 30 * time.Second
	awaitPause        = 100 * time.Millisecond
)

// Websocket is a client of the signaling of a server.
type Websocket struct {
	// PublicID and ResumeID are those that the server gave to it.
	PublicID, ResumeID string

	t    testing.TB
	conn *websocket.Conn
	// read has what came, and is closed with the connection.
	read chan Object
	// closed is why the connection has ended, there with the end of read.
	closed error
}

// Dial opens a websocket, which ends with the test, and takes the welcome.
func (s *Server) Dial() *Websocket {
	s.t.Helper()
	conn, _, err := websocket.Dial(s.t.Context(), "ws"+strings.TrimPrefix(s.URL, "http")+"/signaling/spreed", nil) //nolint:bodyclose // there is none
	if err != nil {
		s.t.Fatal(err)
	}
	conn.SetReadLimit(16 << 20)
	w := &Websocket{t: s.t, conn: conn, read: make(chan Object, 4096)}
	go w.listen()
	s.t.Cleanup(func() { _ = conn.CloseNow() })
	w.Expect("welcome")
	return w
}

func (w *Websocket) listen() {
	defer close(w.read)
	for {
		_, data, err := w.conn.Read(context.Background())
		if err != nil {
			w.closed = err
			return
		}
		var o Object
		if err := json.Unmarshal(data, &o); err != nil {
			w.closed = err
			return
		}
		w.read <- o
	}
}

// Send sends a message, which may be a text as it is.
func (w *Websocket) Send(message any) {
	w.t.Helper()
	text, ok := message.(string)
	if !ok {
		data, err := json.Marshal(message)
		if err != nil {
			w.t.Fatal(err)
		}
		text = string(data)
	}
	if err := w.conn.Write(w.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		w.t.Fatalf("cannot send: %v", err)
	}
}

// SendBinary sends a frame that is no text.
func (w *Websocket) SendBinary(data []byte) {
	w.t.Helper()
	if err := w.conn.Write(w.t.Context(), websocket.MessageBinary, data); err != nil {
		w.t.Fatal(err)
	}
}

// Next returns the next message.
func (w *Websocket) Next() Object {
	w.t.Helper()
	select {
	case o, ok := <-w.read:
		if !ok {
			w.t.Fatalf("the connection has ended: %v", w.closed)
		}
		return o
	case <-time.After(websocketPatience):
		w.t.Fatal("nothing has come")
	}
	return nil
}

// Expect returns the next message, which must be of a type: of events "event target/type". Of errors and byes the
// reason is part of it, as "error no_such_room".
func (w *Websocket) Expect(kind string) Object {
	w.t.Helper()
	o := w.Next()
	if got := KindOf(o); got != kind {
		text, _ := json.Marshal(o)
		w.t.Fatalf("%s, not %s: %s", got, kind, text)
	}
	return o
}

// Await returns the next message of a type; others are passed over.
func (w *Websocket) Await(kind string) Object {
	w.t.Helper()
	for {
		if o := w.Next(); KindOf(o) == kind {
			return o
		}
	}
}

// AwaitWhile is Await that does something again and again until the message comes.
func (w *Websocket) AwaitWhile(kind string, do func()) Object {
	w.t.Helper()
	for range int(websocketPatience / awaitPause) {
		do()
		for pause := time.After(awaitPause); pause != nil; {
			select {
			case o, ok := <-w.read:
				if !ok {
					w.t.Fatalf("the connection has ended: %v", w.closed)
				}
				if KindOf(o) == kind {
					return o
				}
			case <-pause:
				pause = nil
			}
		}
	}
	w.t.Fatalf("%s has not come", kind)
	return nil
}

// KindOf names the type of a message, see [Websocket.Expect].
func KindOf(o Object) string {
	kind, _ := o["type"].(string)
	body, _ := o[kind].(map[string]any)
	text := func(name string) string { s, _ := body[name].(string); return s }
	switch kind {
	case "event":
		return "event " + text("target") + "/" + text("type")
	case "error":
		return "error " + text("code")
	case "bye":
		return strings.TrimSpace("bye " + text("reason"))
	}
	return kind
}

// Ends waits for the end of the connection and returns its status code.
func (w *Websocket) Ends() websocket.StatusCode {
	w.t.Helper()
	for {
		select {
		case _, ok := <-w.read:
			if ok {
				continue
			}
			var e websocket.CloseError
			if errors.As(w.closed, &e) {
				return e.Code
			}
			return -1
		case <-time.After(websocketPatience):
			w.t.Fatal("the connection does not end")
		}
	}
}

// Drop ends the connection without a word.
func (w *Websocket) Drop() { _ = w.conn.CloseNow() }

// Hello says hello as an account, by a ticket, with features.
func (w *Websocket) Hello(c *Client, features ...string) *Websocket {
	w.t.Helper()
	settings := c.Get("v3/signaling/settings").OK().Object()
	params, _ := settings["helloAuthParams"].(map[string]any)
	if features == nil {
		features = []string{}
	}
	w.Send(Object{"id": "1", "type": "hello", "hello": Object{"version": "1.0", "features": features, "auth": Object{"url": "https://talk.example.org/", "params": params["1.0"]}}})
	w.noteHello(w.Expect("hello"))
	return w
}

// Resume resumes the session of another connection.
func (w *Websocket) Resume(old *Websocket) *Websocket {
	w.t.Helper()
	w.Send(Object{"id": "1", "type": "hello", "hello": Object{"version": "1.0", "resumeid": old.ResumeID}})
	w.noteHello(w.Expect("hello"))
	return w
}

func (w *Websocket) noteHello(o Object) {
	hello, _ := o["hello"].(map[string]any)
	w.PublicID, _ = hello["sessionid"].(string)
	w.ResumeID, _ = hello["resumeid"].(string)
}

// Enter joins a conversation by the API and by the websocket, up to the answer.
func (w *Websocket) Enter(c *Client, token string) (session string) {
	w.t.Helper()
	session = c.Post("v4/room/" + token + "/participants/active").OK().Text("sessionId")
	w.Send(Object{"id": "2", "type": "room", "room": Object{"roomid": token, "sessionid": session}})
	w.Await("room")
	return session
}

// Never fails if a message of one of the types has come before the server answers the next request. What else is
// told, such as of a chat, comes when it comes.
func (w *Websocket) Never(kinds ...string) {
	w.t.Helper()
	if o := w.Told(kinds...); o != nil {
		text, _ := json.Marshal(o)
		w.t.Fatalf("came: %s", text)
	}
}

// Told returns the first message of one of the types that comes before the server answers the next request, nil for
// none.
func (w *Websocket) Told(kinds ...string) (found Object) {
	w.t.Helper()
	w.Send(Object{"id": "told", "type": "transient", "transient": Object{"type": "nothing", "key": "x"}})
	for {
		o := w.Next()
		if o["id"] == "told" {
			return found
		}
		if found == nil && slices.Contains(kinds, KindOf(o)) {
			found = o
		}
	}
}
