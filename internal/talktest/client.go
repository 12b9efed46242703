package talktest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// P are the parameters of a request by name.
type P map[string]any

// Client speaks to a server as one device of one person. It may be used by several
// goroutines at once.
type Client struct {
	// User is the account, "" for a guest; Password is an app password.
	User, Password string

	t    testing.TB
	url  string
	http *http.Client
}

// Get asks for a path, with the parameters in the query. A path is relative to
// /ocs/v2.php/apps/spreed/api, like "v4/room", or, with a slash in front, to /ocs/v2.php.
func (c *Client) Get(path string, params ...P) *Reply {
	c.t.Helper()
	return c.call(http.MethodGet, path, inQuery(params))
}

// Post sends the parameters as JSON; see [Client.Get] for the path.
func (c *Client) Post(path string, params ...P) *Reply {
	c.t.Helper()
	return c.call(http.MethodPost, path, inBody(params))
}

// Put sends the parameters as JSON; see [Client.Get] for the path.
func (c *Client) Put(path string, params ...P) *Reply {
	c.t.Helper()
	return c.call(http.MethodPut, path, inBody(params))
}

// Delete sends the parameters in the query; see [Client.Get] for the path.
func (c *Client) Delete(path string, params ...P) *Reply {
	c.t.Helper()
	return c.call(http.MethodDelete, path, inQuery(params))
}

// call sends a request to the API and reads the envelope of its answer.
func (c *Client) call(method, path string, params func(*http.Request)) *Reply {
	c.t.Helper()
	if !strings.HasPrefix(path, "/") {
		path = "/apps/spreed/api/" + path
	}
	return c.Raw(method, entryPoint+path, func(r *http.Request) {
		r.Header.Set("OCS-APIRequest", "true")
		r.Header.Set("Accept", "application/json")
	}, params).Open()
}

// entryPoint is where the API begins whose statuses are those of HTTP.
const entryPoint = "/ocs/v2.php"

// holdAgainstDocument fails the test when an answer is not what the server documents.
// There is one for answers in JSON behind the usual entry point.
func (c *Client) holdAgainstDocument(method, path string, reply *Reply) {
	c.t.Helper()
	path, ok := strings.CutPrefix(path, entryPoint)
	if !ok || method == http.MethodHead || len(reply.Body) > 0 && !strings.HasPrefix(reply.Header.Get("Content-Type"), "application/json") {
		return
	}
	document, err := served()
	if err != nil {
		c.t.Errorf("the document of the API: %v", err)
		return
	}
	path, _, _ = strings.Cut(path, "?")
	path = folded(path)
	if err := document.Check(method, path, reply.Status, reply.Body); err != nil {
		c.t.Errorf("%s: not as documented: %v: %s", reply.request, err, reply.Body)
	}
}

// folded is a path without repeated slashes, as the server reads it.
func folded(path string) string {
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

// Raw sends a request to a path of the server with the client's credentials and
// cookies and nothing else; change completes it.
func (c *Client) Raw(method, path string, change ...func(*http.Request)) *Reply {
	c.t.Helper()
	reply := &Reply{t: c.t, request: method + " " + path}
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, http.NoBody)
	if err != nil {
		c.t.Errorf("%s: %v", reply.request, err)
		return reply
	}
	if c.User != "" {
		request.SetBasicAuth(c.User, c.Password)
	}
	for _, f := range change {
		f(request)
	}
	// Not fatal, since clients are used in goroutines; the reply has status 0 then.
	answer, err := c.http.Do(request)
	if err != nil {
		c.t.Errorf("%s: %v", reply.request, err)
		return reply
	}
	defer answer.Body.Close()
	reply.Status, reply.Header = answer.StatusCode, answer.Header
	if reply.Body, err = io.ReadAll(answer.Body); err != nil {
		c.t.Errorf("%s: read the answer: %v", reply.request, err)
		return reply
	}
	c.holdAgainstDocument(method, path, reply)
	return reply
}

// Header returns a change for [Client.Raw] that sets a header.
func Header(name, value string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// Query returns a change for [Client.Raw] that sets a parameter of the address.
func Query(name, value string) func(*http.Request) {
	return inQuery([]P{{name: value}})
}

// Body returns a change for [Client.Raw] that sets a body.
func Body(contentType, text string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Content-Type", contentType)
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	}
}

// inBody puts the parameters into a JSON body.
func inBody(params []P) func(*http.Request) {
	if len(params) == 0 {
		return func(*http.Request) {}
	}
	text, err := json.Marshal(merge(params))
	if err != nil {
		panic("talktest: parameters that JSON cannot express: " + err.Error())
	}
	return Body("application/json", string(text))
}

// inQuery puts the parameters into the query; a list repeats name[].
func inQuery(params []P) func(*http.Request) {
	return func(r *http.Request) {
		query := r.URL.Query()
		for name, value := range merge(params) {
			addTo(query, name, value)
		}
		r.URL.RawQuery = query.Encode()
	}
}

func addTo(query url.Values, name string, value any) {
	if list, ok := value.([]string); ok {
		query[name+"[]"] = slices.Clone(list)
		return
	}
	query.Set(name, fmt.Sprint(value))
}

func merge(params []P) P {
	all := P{}
	for _, p := range params {
		maps.Copy(all, p)
	}
	return all
}
