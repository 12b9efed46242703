package client

import (
	"context"
	"encoding/json"
	"net/http"
)

// Poll is a question with options to choose from.
type Poll struct {
	ID       int64    `json:"id"`
	Question string   `json:"question"`
	Options  []string `json:"options"`
	// Status is 0 while one can vote, 1 when it is closed.
	Status int `json:"status"`
	// Hidden polls show nobody's vote but the numbers, once they are closed: ResultMode is 1.
	ResultMode int `json:"resultMode"`
	// MaxVotes is how many options one may choose, 0 for all.
	MaxVotes  int   `json:"maxVotes"`
	NumVoters int   `json:"numVoters"`
	VotedSelf []int `json:"votedSelf"`
	// Votes are how many chose an option, by its number as "option-0"; nil while they are not
	// shown.
	Votes map[string]int `json:"-"`
}

// UnmarshalJSON reads a poll, in which no votes are an empty list.
func (p *Poll) UnmarshalJSON(text []byte) error {
	type plain Poll
	var with struct {
		plain
		Votes json.RawMessage `json:"votes"`
	}
	if err := json.Unmarshal(text, &with); err != nil {
		return err
	}
	*p = Poll(with.plain)
	if isObject(with.Votes) {
		return json.Unmarshal(with.Votes, &p.Votes)
	}
	return nil
}

// CreatePoll posts a poll: question, options, result mode and number of votes are used.
func (c *Client) CreatePoll(ctx context.Context, token string, p Poll) (*Poll, error) {
	return c.poll(ctx, http.MethodPost, "v1/poll/"+inPath(token), params{
		"question": p.Question, "options": p.Options, "resultMode": p.ResultMode, "maxVotes": p.MaxVotes,
	})
}

// Poll returns a poll.
func (c *Client) Poll(ctx context.Context, token string, id int64) (*Poll, error) {
	return c.poll(ctx, http.MethodGet, "v1/poll/"+inPath(token)+"/"+number(id), nil)
}

// Vote chooses options, by their number from 0, in the place of those chosen before.
func (c *Client) Vote(ctx context.Context, token string, id int64, options ...int) (*Poll, error) {
	if options == nil {
		options = []int{}
	}
	return c.poll(ctx, http.MethodPost, "v1/poll/"+inPath(token)+"/"+number(id), params{"optionIds": options})
}

// ClosePoll ends the voting.
func (c *Client) ClosePoll(ctx context.Context, token string, id int64) (*Poll, error) {
	return c.poll(ctx, http.MethodDelete, "v1/poll/"+inPath(token)+"/"+number(id), nil)
}

func (c *Client) poll(ctx context.Context, method, path string, p params) (*Poll, error) {
	var out Poll
	if _, err := c.do(ctx, method, path, p, &out); err != nil {
		return nil, err
	}
	return &out, nil
}
