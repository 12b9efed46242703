package ocs

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"parley/internal/auth"
	"parley/internal/obs"
	"parley/internal/room"
	"parley/internal/talk"
)

// Options are what an API is made of.
type Options struct {
	// Rows are all routes.
	Rows     []Route
	UseCases UseCases
	Auth     *auth.Service
	Log      *slog.Logger
	// Place is the path on its host that the server is reached at, "" for all of it.
	Place string
	// Address is where people reach the server, "" for wherever the request came to.
	Address string
}

// UseCases are what the protocol itself asks before and after a handler.
type UseCases struct {
	// Now is the time that the use cases go by.
	Now func() time.Time
	// Enter checks the guard of the scope.
	Enter func(context.Context, room.Scope) (*room.Access, error)
	// Expects tells that the caller passed the guard before, Expect remembers it.
	Expects func(room.Scope) bool
	Expect  func(room.Scope, bool)
	// TakesPart tells that the caller is in the conversation, Knew that they were.
	TakesPart func(context.Context, room.Scope) (bool, error)
	Knew      func(context.Context, room.Scope) (bool, error)
	// IsAdmin tells that an account administers the server.
	IsAdmin func(ctx context.Context, userID string) (bool, error)
	// ShowCookie notes that a client came with its cookie, and reports whether that
	// changed anything.
	ShowCookie func(context.Context, talk.Caller) (changed bool, err error)
	// OldestClients are the oldest Talk apps that are let in.
	OldestClients func(context.Context, auth.Identity) (ClientVersions, error)
}

// API serves everything below /ocs.
type API struct {
	cases UseCases
	auth  *auth.Service
	log   *slog.Logger
	place string
	// address is that of Options.
	address string
	router  *node
	// bodies and uploads are what requests may take of the memory.
	bodies, uploads *budget
}

// New returns the API with these routes.
func New(o Options) *API {
	return &API{
		cases: o.UseCases, auth: o.Auth, log: o.Log, place: o.Place, address: o.Address,
		router: buildRouter(o.Rows), bodies: newBudget(bodyBudget, bigBodies, bodyPatience),
		uploads: newBudget(uploadBudget, bigBodies, bodyPatience),
	}
}

// ServeHTTP answers one request, in this order: who asks, where to, the checks of the row, the guard, the handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	version, rest, ok := splitPath(r.URL.EscapedPath())
	if !ok {
		version, rest = 2, ""
	}
	c := &Call{api: a, Request: r, body: share{of: a.bodies}, Header: w.Header(), Status: statusOK}
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
	if stream, ok := data.(Stream); ok {
		stream.serve(w, r)
		return
	}
	if file, ok := data.(File); ok {
		file.serve(w, r, c.Status)
		return
	}
	ans := c.answerTo(data, err)
	if err := writeAnswer(w, c.format(), version, ans); err != nil {
		a.log.Error("answer could not be written", "error", err, "path", rest)
	}
}

// format is the encoding of the answer. What a body says counts once it is read.
func (c *Call) format() format { return chooseFormat(c.Request, c.params) }

// errAnswered tells that a response was written that has no envelope.
var errAnswered = errors.New("answered already")

// authenticate finds out who asks.
func (c *Call) authenticate() error {
	id, err := c.api.auth.Identify(c.Request)
	c.Identity = id
	if id.Cookie != nil {
		c.Header.Add("Set-Cookie", id.Cookie.String())
	}
	if id.Caller.LoggedIn() {
		c.Header.Set("X-User-Id", id.Caller.UserID)
	}
	if err != nil {
		return err
	}
	changed, err := c.api.cases.ShowCookie(c.Context(), id.Caller)
	if changed {
		c.Identity = id.Again()
	}
	return err
}

// dispatch finds the route and lets the request through its checks.
func (c *Call) dispatch(w http.ResponseWriter, rest string) (any, error) {
	end, values := c.api.router.find(rest)
	if end == nil {
		return nil, errUnknownRoute
	}
	method := c.Request.Method
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
func (c *Call) admit(w http.ResponseWriter) error {
	if c.row.Rules.needsLogin() && !c.Caller().LoggedIn() {
		if strings.Contains(c.Request.Header.Get("Accept"), "html") {
			http.Redirect(w, c.Request, c.api.place+"/login?redirect_url="+c.api.place+c.Request.URL.EscapedPath(), statusSeeOther)
			return errAnswered
		}
		return errNotLoggedIn
	}
	if !c.row.Rules.has(Unproven) && !c.proven() {
		writeCSRFFailure(w)
		return errAnswered
	}
	if err := c.throttle(); err != nil {
		return err
	}
	if c.row.Version != 0 {
		if err := c.checkClientVersion(); err != nil {
			return err
		}
	}
	if err := c.requireAccess(); err != nil {
		return err
	}
	if c.row.Rules.has(Confirmed) && !c.api.auth.ConfirmedLoosely(c.Identity) {
		return ErrUnconfirmed
	}
	return nil
}

func (c *Call) proven() bool {
	if header(c.Request.Header, "Ocs-Apirequest") != "" || c.Identity.Proven(c.Request, c.params.text("requesttoken")) {
		return true
	}
	if c.Identity.Cookie != nil {
		return false // a new client has no token that a body could bring
	}
	c.readBody()
	return c.Identity.Proven(c.Request, c.params.text("requesttoken"))
}

// run lets the handler answer in the turn of the caller, and counts.
func (c *Call) run() (data any, err error) {
	defer c.endTurns()
	if err := c.takeTurns(); err != nil {
		return nil, err
	}
	data, err = c.handle()
	if unsettled := c.recordOutcome(err); unsettled != nil {
		// The outcome stays untold: a guess that cannot be counted must be worth nothing.
		return nil, errors.Join(unsettled, err)
	}
	return data, err
}

// handle checks the guard of the row and calls its handler. Callers who are
// expected to pass a guard that is checked late are checked only then.
func (c *Call) handle() (data any, err error) {
	guarded := c.row.Guard.Need != talk.NeedNothing
	late := guarded && c.row.Rules.has(Late) && c.api.cases.Expects(c.Scope())
	if guarded && !late {
		if err = c.enter(); err != nil && c.row.Refused != nil && isRefusal(err) {
			return c.row.Refused(c, err)
		}
		if err != nil {
			return nil, err
		}
	}
	if c.Request.Method != http.MethodGet {
		c.Identity = c.Identity.Again() // what it writes has to be seen afterwards
	}
	if err = c.bodyErr; err == nil {
		data, err = c.row.Handler.run(c)
	}
	if late && err != nil {
		// Whatever is wrong with the request, the guard comes first.
		if refused := c.enter(); refused != nil {
			err = refused
		}
	}
	return data, err
}

// isRefusal reports whether a guard has refused somebody.
func isRefusal(err error) bool {
	e, ok := errors.AsType[*talk.Error](err)
	return ok && e.Guard
}

// enter checks the guard of the row.
func (c *Call) enter() (err error) {
	c.Access, err = c.api.cases.Enter(c.Context(), c.Scope())
	return err
}

// record completes the log line of the request.
func (c *Call) record(w http.ResponseWriter, err error) {
	rec := obs.Of(w)
	rec.Actor = string(talk.ActorGuests)
	if c.Caller().LoggedIn() {
		rec.Actor, rec.Account = string(talk.ActorUsers), c.Caller().UserID
	}
	if err != nil && !errors.Is(err, errAnswered) {
		rec.Kind, rec.Err = kindName(err), err
	}
}

// answerTo makes the answer of a finished call.
func (c *Call) answerTo(data any, err error) answer {
	if err != nil {
		return c.failure(err)
	}
	if data == nil && (c.row.Version == 0 || c.Legacy()) {
		data = []any{}
	}
	return answer{status: c.Status, data: data}
}
