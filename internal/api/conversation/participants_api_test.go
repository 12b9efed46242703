package conversation_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"parley/internal/talktest"
)

// The Participant API as a table of cases: docs/participant-api.md shows the same
// rows, and TestParticipantTable keeps the two together.

// topic is one endpoint with its cases.
type topic struct {
	name string
	// endpoint is method and path as in the route table.
	endpoint string
	cases    []apiCase
}

// apiCase is one way that a request can end. It runs once per version.
type apiCase struct {
	versions []int
	status   int
	// name is unique among the cases of the same status; when explains it in the
	// document.
	name, when string
	// alone tells that the case needs a server of its own.
	alone bool
	// phones sets the SIP bridge up.
	phones bool
	// before prepares the stage.
	before func(*stage)
	// by is who asks; with are the parameters, nil for none.
	by   role
	with func(*stage) talktest.P
	// signed proves a SIP bridge, nil for none.
	signed func(*stage) func(*http.Request)
	// want is the data of v4 and of v1 alone; empty when after looks at it.
	want  string
	after func(*stage, *talktest.Reply)
}

// Sets of versions.
var (
	inAll    = []int{1, 2, 3, 4}
	inOld    = []int{1, 2, 3}
	inUserID = []int{1, 2}
	inIDs    = []int{3, 4}
	inV1     = []int{1}
	inV3     = []int{3}
	inV4     = []int{4}
)

// topics is the whole Participant API.
func topics() []topic {
	return []topic{
		listTopic(), addTopic(), removeAttendeeTopic(), removeUserTopic(), removeGuestTopic(), removeSelfTopic(),
		joinTopic(), leaveTopic(), stateTopic(), resendTopic(), promoteTopic(), demoteTopic(),
		permissionsTopic(), allPermissionsTopic(), pinTopic(), guestNameTopic(),
	}
}

func TestParticipantAPI(t *testing.T) {
	for _, topic := range topics() {
		t.Run(topic.name, func(t *testing.T) {
			t.Parallel()
			shared := map[bool]*talktest.Server{}
			for i := range topic.cases {
				c := &topic.cases[i]
				if shared[c.phones] == nil {
					shared[c.phones] = startTheatre(t, c.phones)
				}
				t.Run(c.title(), func(t *testing.T) { topic.run(t, shared[c.phones], c) })
			}
		})
	}
}

func (c *apiCase) title() string { return fmt.Sprintf("%d %s", c.status, c.name) }

// run runs a case in all its versions. Failures share a stage, since they change
// nothing on it.
func (p *topic) run(t *testing.T, shared *talktest.Server, c *apiCase) {
	var s *stage
	for _, v := range c.versions {
		if s == nil || c.status < http.StatusBadRequest {
			s = c.prepare(t, shared)
		}
		s.version = v
		t.Run(fmt.Sprintf("v%d", v), func(t *testing.T) {
			s.t = t
			p.try(s, c)
		})
	}
}

// prepare returns a stage on the server that the cases of a topic share, one after
// the other, or on its own.
func (c *apiCase) prepare(t *testing.T, shared *talktest.Server) *stage {
	if c.alone {
		shared = startTheatre(t, c.phones)
	}
	s := stageOn(t, shared.For(t), 4, c.phones)
	if c.before != nil {
		c.before(s)
	}
	return s
}

// try sends the request of a case and looks at what came of it.
func (p *topic) try(s *stage, c *apiCase) {
	client, params := s.client(c.by), talktest.P{}
	if c.with != nil {
		params = c.with(s)
	}
	var signature []func(*http.Request)
	if c.signed != nil {
		signature = append(signature, c.signed(s))
	}
	before := s.snapshot()
	reply := s.ask(client, p.endpoint, params, signature...).Expect(c.status)
	if want := p.data(c, s.version); string(reply.Data) != want && want != "" {
		s.t.Errorf("data %s, want %s", reply.Data, want)
	}
	if c.status >= http.StatusBadRequest {
		s.same(before)
	}
	if c.after != nil {
		c.after(s, reply)
	}
	if c.want == "" && c.after == nil {
		s.t.Error("the case looks at nothing")
	}
}

// data is what the answer has to carry. The old versions never tell the reason of
// a failure and know no null.
func (p *topic) data(c *apiCase, version int) string {
	old := version < 4 && strings.Contains(p.endpoint, " /room/")
	if old && c.want != "" && (c.status >= http.StatusBadRequest || c.want == "null") {
		return "[]"
	}
	return c.want
}

// ask sends a request of the stage's version to an endpoint of the conversation.
func (s *stage) ask(c *talktest.Client, endpoint string, params talktest.P, more ...func(*http.Request)) *talktest.Reply {
	s.t.Helper()
	body, err := json.Marshal(params)
	if err != nil {
		s.t.Fatal(err)
	}
	method, path, _ := strings.Cut(endpoint, " ")
	path = strings.NewReplacer("{token}", s.token, "{pin}", s.pin).Replace(path)
	changes := append([]func(*http.Request){
		talktest.Header("OCS-APIRequest", "true"), talktest.Header("Accept", "application/json"),
		talktest.Body("application/json", string(body)),
	}, more...)
	return c.Raw(method, fmt.Sprintf("/ocs/v2.php/apps/spreed/api/v%d%s", s.version, path), changes...).Open()
}
