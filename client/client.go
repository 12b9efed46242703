// Package client is a client of parley's API, which is that of Nextcloud Talk:
// conversations, participants, messages, waiting for them, and events.
//
//	c, err := client.New(client.Options{Address: "https://talk.example.org", User: "alice", Password: appPassword})
//	…
//	message, err := c.Send(ctx, token, client.Draft{Text: "Hello, @bob"})
//	for m, err := range c.Messages(ctx, token, message.ID) { … }
//
// It needs nothing but the standard library, and nothing of the server.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxAnswer is how many bytes of an answer are read.
const maxAnswer = 16 << 20

// Options are what a Client is made of.
type Options struct {
	// Address is where people reach the server, such as https://talk.example.org.
	Address string
	// User and Password are those of an account; an app password is best. A guest has neither.
	User, Password string
	// HTTP makes the requests, nil for one with a cookie jar of its own. Sessions in
	// conversations, and guests, are known by their cookies.
	HTTP *http.Client
}

// Client makes requests as one account or guest. It is safe for concurrent use.
type Client struct {
	base           string
	user, password string
	http           *http.Client
}

// New returns a Client. It fails for an address that cannot be one.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.Address)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" || base.User != nil {
		return nil, errors.New("client: the address of a server begins with https:// or http:// and has no password")
	}
	if o.HTTP == nil {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return nil, err
		}
		o.HTTP = &http.Client{Jar: jar}
	}
	return &Client{strings.TrimRight(o.Address, "/"), o.User, o.Password, o.HTTP}, nil
}

// Error is a request that the server refused.
type Error struct {
	// Status is that of HTTP: 401 for wrong credentials, 403 for what the caller may not do,
	// 404 for what does not exist for them, 412 in the lobby, 429 for what was tried too often.
	Status int
	// Reason is the word for it, such as "last-moderator", empty for none.
	Reason string
	// Message is a sentence for people, empty for none.
	Message string
	// RetryAfter is how long to wait before the next attempt, 0 if the server does not say.
	RetryAfter time.Duration
}

// Error says what the server answered.
func (e *Error) Error() string {
	text := "client: the server answered " + strconv.Itoa(e.Status)
	if e.Reason != "" {
		text += " (" + e.Reason + ")"
	}
	if e.Message != "" {
		text += ": " + e.Message
	}
	return text
}

// Temporary reports whether the same request may succeed later.
func (e *Error) Temporary() bool {
	return e.Status == http.StatusTooManyRequests || e.Status >= http.StatusInternalServerError && e.Status != http.StatusNotImplemented
}

// networkError is the failure to reach the server.
type networkError struct{ error }

// Unwrap returns the cause.
func (e networkError) Unwrap() error { return e.error }

// The APIs that the client speaks: that of Talk, and parley's own.
const (
	talkAPI   = "spreed/api/"
	parleyAPI = "parley/api/"
)

// params are the parameters of a request by name.
type params map[string]any

// answer is what the server said of a request that it did not refuse.
type answer struct {
	status int
	header http.Header
	data   json.RawMessage
}

// number returns a header that is a whole number, 0 for another one.
func (a *answer) number(header string) int64 {
	n, err := strconv.ParseInt(a.header.Get(header), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// do makes a request to a path of Talk's API and decodes the data of the answer into out,
// unless that is nil. Failures: [*Error], and those of the network.
func (c *Client) do(ctx context.Context, method, path string, p params, out any) (*answer, error) {
	request, err := c.request(ctx, method, talkAPI+path, p)
	if err != nil {
		return nil, err
	}
	reply, err := c.http.Do(request)
	if err != nil {
		return nil, networkError{fmt.Errorf("client: %w", err)}
	}
	defer reply.Body.Close()
	return c.read(reply, out)
}

// read decodes the data of an answer into out, unless that is nil. Failures: as do.
func (c *Client) read(reply *http.Response, out any) (*answer, error) {
	body, err := io.ReadAll(io.LimitReader(reply.Body, maxAnswer+1))
	if err != nil {
		return nil, networkError{fmt.Errorf("client: the answer broke off: %w", err)}
	}
	if len(body) > maxAnswer {
		return nil, errors.New("client: the answer is too long")
	}
	a := &answer{status: reply.StatusCode, header: reply.Header}
	if a.status == http.StatusNotModified {
		return a, nil
	}
	var envelope struct {
		OCS *struct {
			Meta struct{ Message string }
			Data json.RawMessage
		}
	}
	errFormat := json.Unmarshal(body, &envelope)
	if a.status >= http.StatusMultipleChoices {
		refused := &Error{Status: a.status}
		if seconds := a.number("Retry-After"); seconds > 0 {
			refused.RetryAfter = time.Duration(min(seconds, 24*60*60)) * time.Second
		}
		if errFormat == nil && envelope.OCS != nil {
			refused.Message, refused.Reason = envelope.OCS.Meta.Message, reasonIn(envelope.OCS.Data)
		}
		return nil, refused
	}
	if errFormat != nil || envelope.OCS == nil {
		return nil, errors.New("client: the answer is not one of this API: is it the right address?")
	}
	if a.data = envelope.OCS.Data; out == nil {
		return a, nil
	}
	if err := json.Unmarshal(a.data, out); err != nil {
		return nil, fmt.Errorf("client: the answer has another form: %w", err)
	}
	return a, nil
}

// request makes a request to a path below the APIs: parameters of a GET are in its address, others in its body.
func (c *Client) request(ctx context.Context, method, path string, p params) (*http.Request, error) {
	address := c.base + "/ocs/v2.php/apps/" + path
	var body io.Reader = http.NoBody
	switch {
	case method == http.MethodGet && len(p) > 0:
		query := url.Values{}
		for name, value := range p {
			query.Set(name, fmt.Sprint(value))
		}
		address += "?" + query.Encode()
	case len(p) > 0:
		text, err := json.Marshal(p)
		if err != nil {
			return nil, fmt.Errorf("client: %w", err)
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	request.Header.Set("OCS-APIRequest", "true")
	request.Header.Set("Accept", "application/json")
	if body != http.NoBody {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.user != "" {
		request.SetBasicAuth(c.user, c.password)
	}
	return request, nil
}

// reasonIn returns the reason in the data of a refusal, empty for none.
func reasonIn(data json.RawMessage) string {
	var why struct{ Error string }
	if json.Unmarshal(data, &why) != nil { // lists have no reason
		return ""
	}
	return why.Error
}

// inPath makes a token part of a path.
func inPath(token string) string { return url.PathEscape(token) }
