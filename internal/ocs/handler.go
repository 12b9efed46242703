package ocs

import (
	"errors"
	"log/slog"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"

	"parley/internal/app"
	"parley/internal/auth"
	"parley/internal/obs"
	"parley/internal/talk"
)

// Options are what an API is made of.
type Options struct {
	App  *app.App
	Auth *auth.Service
	Log  *slog.Logger
	// Place is the path on its host that the server is reached at, "" for all of it.
	Place string
}

// API serves everything below /ocs.
type API struct {
	app    *app.App
	auth   *auth.Service
	log    *slog.Logger
	place  string
	router *node
	// bodies and uploads are what requests may take of the memory.
	bodies, uploads *budget
	hashes          atomic.Pointer[talkHashes]
}

// New returns the API over the use cases.
func New(o Options) *API {
	return &API{
		app: o.App, auth: o.Auth, log: o.Log, place: o.Place,
		router: buildRouter(routes()), bodies: newBudget(bodyBudget, bigBodies, bodyPatience),
		uploads: newBudget(uploadBudget, bigBodies, bodyPatience),
	}
}

// versions is a set of API versions; 0 marks a path outside of Talk.
type versions int

const (
	v1 versions = 1 << iota
	v2
	v3
	v4
	v1to3 = v1 | v2 | v3
	v1to4 = v1to3 | v4
)

func (v versions) has(n int) bool { return v&(1<<(n-1)) != 0 }

// route is a row of the route table.
type route struct {
	method   string
	versions versions
	path     string
	access   access
	guard    talk.Guard
	// late tells that the use case itself checks the guard, under its lock, and
	// that the handler needs no visit.
	late bool
	// protect are the actions whose failures count against the client.
	protect []string
	// confirm tells that a cookie alone is not enough, unless the client showed
	// the password a short while ago.
	confirm bool
	// open marks a route that needs no proof of being meant.
	open    bool
	handler handler
	// answers is the data of a success; also are statuses of successes besides
	// 200, fails the failures that the rest of the row does not tell of.
	answers shape
	also    []int
	fails   []talk.Kind
	// upload is the file that a multipart body brings, empty for none.
	upload string
	// topic and doc describe the row to people.
	topic, doc string
	// version is the API version of an expanded row, 0 outside of Talk.
	version int
}

func (r *route) forVersion(v int) *route {
	row := *r
	row.version, row.protect = v, r.protects()
	return &row
}

// expand returns the row once for each of its API versions.
func (r *route) expand() []*route {
	if r.versions == 0 {
		return []*route{r.forVersion(0)}
	}
	var out []*route
	for v := 1; v <= 4; v++ {
		if r.versions.has(v) {
			out = append(out, r.forVersion(v))
		}
	}
	return out
}

// fullPath is the path of an expanded row below the OCS entry points.
func (r *route) fullPath() string {
	if r.version == 0 {
		return r.path
	}
	return "/apps/spreed/api/v" + strconv.Itoa(r.version) + r.path
}

// legacy reports whether an expanded row belongs to the old API versions.
func (r *route) legacy() bool {
	return r.version >= 1 && r.version <= 3 &&
		(strings.HasPrefix(r.path, "/room") || strings.HasPrefix(r.path, "/listed-room"))
}

// handler is what a route does. input is the type of its parameters, nil
// without any.
type handler struct {
	input reflect.Type
	run   func(*call) (any, error)
}

// with makes a handler of a function that takes parameters.
func with[In any](f func(*call, In) (any, error)) handler {
	return handler{input: reflect.TypeFor[In](), run: func(c *call) (any, error) {
		var in In
		if err := c.params.bind(&in); err != nil {
			return nil, err
		}
		return f(c, in)
	}}
}

// plain makes a handler of a function without parameters.
func plain(f func(*call) (any, error)) handler { return handler{run: f} }

// call is a request on its way through a handler.
type call struct {
	*API
	r      *http.Request
	row    *route
	values pathValues
	params params
	// body is the memory that the body takes; bodyRead tells that it was read,
	// or that this failed with bodyErr.
	body     share
	bodyRead bool
	bodyErr  error
	id       auth.Identity
	// visit is what the guard found, nil for routes without one.
	visit *app.Visit
	// header are the headers of the answer; status is its status if it succeeds.
	header http.Header
	status int
	// attempt is the protected action that failed, empty for none.
	attempt string
	// forgive tells that earlier failures of the client are forgotten, if there
	// are any.
	forgive  bool
	failures bool
	// turns end those that the request waited for to guess.
	turns []func()
}

func (c *call) caller() talk.Caller { return c.id.Caller }

func (c *call) token() string { return c.values["token"] }

// legacy reports whether the request came by one of the old API versions.
func (c *call) legacy() bool { return c.row.legacy() }

func (c *call) scope() app.Scope {
	return app.Scope{Caller: c.caller(), Token: c.token(), Guard: c.row.guard, Legacy: c.legacy()}
}

// ServeHTTP answers one request, in the order of common.md §6.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	version, rest, ok := splitPath(r.URL.EscapedPath())
	if !ok {
		version, rest = 2, ""
	}
	r = r.WithContext(app.Request(r.Context()))
	c := &call{API: a, r: r, body: share{of: a.bodies}, header: w.Header(), status: statusOK}
	defer c.body.release()
	c.params.readQuery(r.URL.RawQuery)
	err := c.authenticate()
	var data any
	if err == nil {
		data, err = c.dispatch(w, rest)
	}
	c.record(w, err)
	if errors.Is(err, errAnswered) {
		return
	}
	ans := c.answerTo(data, err)
	if err := writeAnswer(w, c.format(), version, ans); err != nil {
		a.log.Error("answer could not be written", "error", err, "path", rest)
	}
}

// format is the encoding of the answer. What a body says counts once it is read.
func (c *call) format() format { return chooseFormat(c.r, c.params) }

// errAnswered tells that a response was written that has no envelope.
var errAnswered = errors.New("answered already")

// authenticate finds out who asks.
func (c *call) authenticate() error {
	id, err := c.auth.Identify(c.r)
	c.id = id
	if id.Cookie != nil {
		c.header.Add("Set-Cookie", id.Cookie.String())
	}
	if id.Caller.LoggedIn() {
		c.header.Set("X-User-Id", id.Caller.UserID)
	}
	if err != nil {
		return err
	}
	return c.app.ShowCookie(c.r.Context(), id.Caller)
}

// dispatch finds the route and lets the request through its checks.
func (c *call) dispatch(w http.ResponseWriter, rest string) (any, error) {
	end, values := c.router.find(rest)
	if end == nil {
		return nil, errUnknownRoute
	}
	method := c.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	row, ok := end.rows[method]
	obs.Of(w).Route = end.pattern
	if !ok {
		w.Header().Set("Allow", end.methods())
		writeMethodNotAllowed(w, c.format())
		return nil, errAnswered
	}
	c.row, c.values = row, values
	if err := c.admit(w); err != nil {
		return nil, err
	}
	c.readBody()
	if c.bodyErr != nil && !errors.Is(c.bodyErr, errBodyTooLarge) {
		return nil, c.bodyErr // there is nobody left to look at, or no room to
	}
	return c.run()
}

// admit runs the checks that come before the conversation is looked at.
func (c *call) admit(w http.ResponseWriter) error {
	if c.row.access != public && !c.caller().LoggedIn() {
		if strings.Contains(c.r.Header.Get("Accept"), "html") {
			http.Redirect(w, c.r, c.place+"/login?redirect_url="+c.place+c.r.URL.EscapedPath(), statusSeeOther)
			return errAnswered
		}
		return errNotLoggedIn
	}
	if !c.row.open && !c.proven() {
		writeCSRFFailure(w)
		return errAnswered
	}
	if err := c.throttle(); err != nil {
		return err
	}
	if c.row.version != 0 {
		if err := c.checkClientVersion(); err != nil {
			return err
		}
	}
	if err := c.requireAccess(); err != nil {
		return err
	}
	if c.row.confirm && !c.auth.ConfirmedLoosely(c.id) {
		return errUnconfirmed
	}
	return nil
}

func (c *call) proven() bool {
	if header(c.r.Header, "Ocs-Apirequest") != "" || c.id.Proven(c.r, c.params.text("requesttoken")) {
		return true
	}
	if c.id.Cookie != nil {
		return false // a new client has no token that a body could bring
	}
	c.readBody()
	return c.id.Proven(c.r, c.params.text("requesttoken"))
}

// run lets the handler answer in the turn of the caller, and counts.
func (c *call) run() (data any, err error) {
	defer c.endTurns()
	if err := c.takeTurns(); err != nil {
		return nil, err
	}
	data, err = c.handle()
	if unsettled := c.settle(err); unsettled != nil {
		// The outcome stays untold: a guess that cannot be counted must be worth nothing.
		return nil, errors.Join(unsettled, err)
	}
	return data, err
}

// handle checks the guard of the row and calls its handler. Callers who are
// expected to pass a guard that is checked late are checked only then.
func (c *call) handle() (data any, err error) {
	guarded := c.row.guard.Need != talk.NeedNothing
	late := guarded && c.row.late && c.app.Expects(c.scope())
	if guarded && !late {
		if err = c.enter(); err != nil {
			return nil, err
		}
	}
	if err = c.bodyErr; err == nil {
		data, err = c.row.handler.run(c)
	}
	if late && err != nil {
		// Whatever is wrong with the request, the guard comes first.
		if refused := c.enter(); refused != nil {
			err = refused
		}
	}
	return data, err
}

// enter checks the guard of the row.
func (c *call) enter() (err error) {
	c.visit, err = c.app.Enter(c.r.Context(), c.scope())
	return err
}

// record completes the log line of the request.
func (c *call) record(w http.ResponseWriter, err error) {
	rec := obs.Of(w)
	rec.Actor = string(talk.ActorGuests)
	if c.caller().LoggedIn() {
		rec.Actor, rec.Account = string(talk.ActorUsers), c.caller().UserID
	}
	if err != nil && !errors.Is(err, errAnswered) {
		rec.Kind, rec.Err = kindName(err), err
	}
}

// answerTo makes the answer of a finished call.
func (c *call) answerTo(data any, err error) answer {
	if err != nil {
		return c.failure(err)
	}
	if data == nil && (c.row.version == 0 || c.legacy()) {
		data = []any{}
	}
	return answer{status: c.status, data: data}
}
