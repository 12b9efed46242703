package chat

import (
	"math"
	"strconv"

	"parley/internal/chat"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// pollDraft is a poll without what was voted.
type pollDraft struct {
	ID               int64    `json:"id"`
	Question         string   `json:"question"`
	Options          []string `json:"options"`
	ActorType        string   `json:"actorType"`
	ActorID          string   `json:"actorId"`
	ActorDisplayName string   `json:"actorDisplayName"`
	Status           int      `json:"status"`
	ResultMode       int      `json:"resultMode"`
	MaxVotes         int      `json:"maxVotes"`
}

// poll is a poll on the wire
type poll struct {
	pollDraft
	// Votes are an object by option, or an empty list.
	Votes     any         `json:"votes"`
	NumVoters int         `json:"numVoters"`
	VotedSelf []int       `json:"votedSelf"`
	Details   *[]pollVote `json:"details,omitempty"`
}

// pollVote is what somebody voted for.
type pollVote struct {
	ActorType        string `json:"actorType"`
	ActorID          string `json:"actorId"`
	ActorDisplayName string `json:"actorDisplayName"`
	OptionID         int    `json:"optionId"`
}

func newPollDraft(p *chat.NamedPoll) pollDraft {
	return pollDraft{
		ID: p.ID, Question: p.Question, Options: p.Options, ActorType: string(p.Author.Type), ActorID: p.Author.ID,
		ActorDisplayName: p.AuthorName, Status: int(p.Status), ResultMode: p.ResultMode, MaxVotes: p.MaxVotes,
	}
}

func newPoll(v *chat.PollView) poll {
	out := poll{pollDraft: newPollDraft(&v.NamedPoll), Votes: []any{}, VotedSelf: append([]int{}, v.Own...)}
	if v.ShowsVotes && len(v.Votes) > 0 {
		votes := make(map[string]int, len(v.Votes))
		for option, n := range v.Votes {
			votes["option-"+strconv.Itoa(option)] = n
		}
		out.Votes = votes
	}
	if v.ShowsVoters {
		out.NumVoters = v.Voters
	}
	if v.Status == talk.PollIsClosed && v.ResultMode == talk.ResultsPublic {
		details := make([]pollVote, len(v.Details))
		for i, d := range v.Details {
			details[i] = pollVote{string(d.Actor.Type), d.Actor.ID, d.Name, d.Option}
		}
		out.Details = &details
	}
	return out
}

// pollParams are question and options of a poll.
type pollParams struct {
	Question   string   `param:"question;required"`
	Options    []string `param:"options;required"`
	ResultMode int      `param:"resultMode;required"`
	MaxVotes   int      `param:"maxVotes;required"`
	Draft      bool     `param:"draft"`
}

func (in *pollParams) poll() talk.Poll {
	return talk.Poll{Question: in.Question, Options: in.Options, ResultMode: in.ResultMode, MaxVotes: in.MaxVotes}
}

func (a *API) createPoll(c *ocs.Call, in pollParams) (any, error) {
	wanted := in.poll()
	if in.Draft {
		wanted.Status = talk.PollIsDraft
	}
	v, err := a.chat.CreatePoll(c.Context(), c.Scope(), wanted)
	if err != nil {
		return nil, err
	}
	if in.Draft {
		return newPollDraft(&v.NamedPoll), nil
	}
	c.Status = ocs.StatusCreated
	return newPoll(&v), nil
}

// draftParams are pollParams for a poll that is a draft already.
type draftParams struct {
	Question   string   `param:"question;required"`
	Options    []string `param:"options;required"`
	ResultMode int      `param:"resultMode;required"`
	MaxVotes   int      `param:"maxVotes;required"`
}

func (a *API) editDraft(c *ocs.Call, in draftParams) (any, error) {
	to := talk.Poll{Question: in.Question, Options: in.Options, ResultMode: in.ResultMode, MaxVotes: in.MaxVotes}
	v, err := a.chat.EditDraft(c.Context(), c.Scope(), pollID(c), to)
	if err != nil {
		return nil, err
	}
	return newPollDraft(&v.NamedPoll), nil
}

func (a *API) listDrafts(c *ocs.Call) (any, error) {
	all, err := a.chat.Drafts(c.Context(), c.Scope())
	if err != nil {
		return nil, err
	}
	out := make([]pollDraft, len(all))
	for i := range all {
		out[i] = newPollDraft(&all[i])
	}
	return out, nil
}

func (a *API) getPoll(c *ocs.Call) (any, error) {
	return shown(a.chat.Poll(c.Context(), c.Scope(), pollID(c)))
}

type voteParams struct {
	OptionIDs []string `param:"optionIds"`
}

func (a *API) vote(c *ocs.Call, in voteParams) (any, error) {
	options := make([]int, len(in.OptionIDs))
	for i, text := range in.OptionIDs {
		options[i] = int(min(ocs.LeadingInt(text), math.MaxInt32))
	}
	return shown(a.chat.Vote(c.Context(), c.Scope(), pollID(c), options))
}

func (a *API) closePoll(c *ocs.Call) (any, error) {
	v, draft, err := a.chat.ClosePoll(c.Context(), c.Scope(), pollID(c))
	if err == nil && draft {
		c.Status = ocs.StatusAccepted
		return nil, nil
	}
	return shown(v, err)
}

func shown(v chat.PollView, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return newPoll(&v), nil
}

// pollID is the id of the poll in the path.
func pollID(c *ocs.Call) int64 { return ocs.LeadingInt(c.Value("pollId")) }
