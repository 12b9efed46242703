package talk

import (
	"slices"
	"strings"
)

// Limits of polls, in bytes.
const (
	maxQuestion = 32000
	// maxOptions is the length of all options as JSON, maxOptionCount their number.
	maxOptions     = 60000
	maxOptionCount = 1000
)

// PollStatus is whether one can vote.
type PollStatus int

// The states of a poll.
const (
	PollIsOpen   PollStatus = 0
	PollIsClosed PollStatus = 1
	// PollIsDraft is a poll that only moderators see.
	PollIsDraft PollStatus = 2
)

// The modes of results.
const (
	// ResultsPublic shows who voted for what once one has voted, or it is closed.
	ResultsPublic = 0
	// ResultsHidden shows how many voted for what when it is closed.
	ResultsHidden = 1
)

// Poll is a question with several answers to choose from.
type Poll struct {
	ID       int64
	RoomID   int64
	Author   Actor
	Question string
	Options  []string
	Status   PollStatus
	// ResultMode is ResultsPublic or ResultsHidden; MaxVotes is how many options one may
	// choose, 0 for all.
	ResultMode int
	MaxVotes   int
	// MessageID is the message that shows it, 0 for drafts.
	MessageID int64
}

// Object is the poll as a thing in a message.
func (p *Poll) Object(id string) RichObject {
	return RichObject{"type": ObjectTypePoll, "id": id, "name": p.Question}
}

// Check validates question and options and trims the question. Failures, in this order:
// Invalid "question", Invalid "options".
func (p *Poll) Check() error {
	p.Question = strings.Trim(p.Question, blanks)
	if p.Question == "" || len(p.Question) > maxQuestion {
		return Fail(Invalid, "question")
	}
	real, size := 0, 2
	for _, option := range p.Options {
		size += len(option) + 3
		if strings.Trim(option, blanks) != "" {
			real++
		}
	}
	if real < 2 || size > maxOptions || len(p.Options) > maxOptionCount {
		return Fail(Invalid, "options")
	}
	return nil
}

// CanPoll reports why a conversation has no polls.
func (r *Room) CanPoll() error {
	if !r.IsShared() {
		return Fail(Invalid, "room")
	}
	return nil
}

// CheckVote returns the options that somebody chooses, each once. Failures, in this order:
// NotFound "poll" for a draft, Invalid "poll" for one that is closed, Invalid "options".
func (p *Poll) CheckVote(options []int) ([]int, error) {
	switch p.Status {
	case PollIsDraft:
		return nil, Fail(NotFound, "poll")
	case PollIsClosed:
		return nil, Fail(Invalid, "poll")
	}
	chosen := slices.Compact(slices.Sorted(slices.Values(options)))
	unknown := func(i int) bool { return i < 0 || i >= len(p.Options) }
	if slices.ContainsFunc(chosen, unknown) || p.MaxVotes > 0 && len(chosen) > p.MaxVotes {
		return nil, Fail(Invalid, "options")
	}
	return chosen, nil
}

// MayManage reports whether somebody may close the poll, or change and delete the draft:
// its author and moderators.
func (p *Poll) MayManage(me *Attendee) bool { return p.Author == me.Actor || me.IsModerator() }

// ShowsVotes reports whether somebody sees what was voted, given whether they voted.
func (p *Poll) ShowsVotes(voted bool) bool {
	return p.Status == PollIsClosed || p.Status == PollIsOpen && p.ResultMode == ResultsPublic && voted
}
