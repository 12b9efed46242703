package chat

import (
	"context"
	"strconv"

	"parley/internal/db"
	"parley/internal/room"
	"parley/internal/store"
	"parley/internal/talk"
)

// NamedPoll is a poll with the name of its author.
type NamedPoll = store.NamedPoll

// PollView is a poll as somebody sees it.
type PollView struct {
	store.NamedPoll
	store.PollResult
	// ShowsVotes tells that the votes are shown, ShowsVoters that their number is.
	ShowsVotes, ShowsVoters bool
	// Details are who voted for what, nil while that is not shown.
	Details []store.Vote
}

// viewOf returns a poll as a participant sees it.
func viewOf(tx *db.Tx, p *store.NamedPoll, me *talk.Attendee) (v PollView, err error) {
	v.NamedPoll = *p
	if v.PollResult, err = store.ResultOf(tx, p.ID, me.Actor); err != nil {
		return v, err
	}
	v.ShowsVotes = p.ShowsVotes(len(v.Own) > 0)
	v.ShowsVoters = v.ShowsVotes || p.MayManage(me)
	if p.Status == talk.PollIsClosed && p.ResultMode == talk.ResultsPublic {
		v.Details, err = store.VotesIn(tx, &p.Poll)
	}
	return v, err
}

// CreatePoll posts a poll, or keeps a draft of one. Failures, in this order: Invalid
// "room", Invalid "draft" for those who do not moderate, those of [talk.Poll.Check].
func (svc *Service) CreatePoll(ctx context.Context, s room.Scope, p talk.Poll) (v PollView, err error) {
	err = svc.rooms.ChangeChat(ctx, s, func(c *room.Change) error {
		poll := store.NamedPoll{Poll: p, AuthorName: c.Name()}
		poll.RoomID, poll.Author = c.Room.ID, c.Me.Actor
		if err := c.Room.CanPoll(); err != nil {
			return err
		}
		if poll.Status == talk.PollIsDraft && !c.Me.IsModerator() {
			return talk.Fail(talk.Invalid, "draft")
		}
		if err := poll.Check(); err != nil {
			return err
		}
		if err := store.InsertPoll(c.Tx, &poll); err != nil {
			return err
		}
		if poll.Status == talk.PollIsOpen {
			m := &talk.Message{Actor: c.Me.Actor, Kind: talk.KindObject, Params: poll.Object(strconv.FormatInt(poll.ID, 10)), List: talk.ListPoll}
			if _, err := svc.post(c, m, nil); err != nil {
				return err
			}
			if err := c.Tx.Flush(); err != nil { // the message has its number then
				return err
			}
			poll.MessageID = m.ID
			if err := store.UpdatePoll(c.Tx, &poll.Poll); err != nil {
				return err
			}
		}
		v, err = viewOf(c.Tx, &poll, &c.Me.Attendee)
		return err
	})
	return v, err
}

// changePoll runs f on a poll of the conversation. Failure: NotFound "poll".
func (svc *Service) changePoll(ctx context.Context, s room.Scope, id int64, f func(*room.Change, *store.NamedPoll) error) (v PollView, err error) {
	err = svc.rooms.ChangeChat(ctx, s, func(c *room.Change) error {
		p, err := store.Poll(c.Tx, c.Room.ID, id)
		if db.IsNone(err) {
			return talk.Fail(talk.NotFound, "poll")
		}
		if err == nil {
			err = f(c, &p)
		}
		if err == nil {
			v, err = viewOf(c.Tx, &p, &c.Me.Attendee)
		}
		return err
	})
	return v, err
}

// EditDraft changes the draft of a poll. Failures, in this order: NotFound "poll",
// Invalid "poll" when it is no draft, Invalid "draft" for those who may not, those of
// [talk.Poll.Check].
func (svc *Service) EditDraft(ctx context.Context, s room.Scope, id int64, to talk.Poll) (PollView, error) {
	return svc.changePoll(ctx, s, id, func(c *room.Change, p *store.NamedPoll) error {
		if p.Status != talk.PollIsDraft {
			return talk.Fail(talk.Invalid, "poll")
		}
		if !p.MayManage(&c.Me.Attendee) {
			return talk.Fail(talk.Invalid, "draft")
		}
		p.Question, p.Options, p.ResultMode, p.MaxVotes = to.Question, to.Options, to.ResultMode, to.MaxVotes
		if err := p.Check(); err != nil {
			return err
		}
		return store.UpdatePoll(c.Tx, &p.Poll)
	})
}

// Vote chooses options of a poll in the place of those that the caller chose before, none
// to withdraw. Failures: NotFound "poll", those of [talk.Poll.CheckVote].
func (svc *Service) Vote(ctx context.Context, s room.Scope, id int64, options []int) (PollView, error) {
	return svc.changePoll(ctx, s, id, func(c *room.Change, p *store.NamedPoll) error {
		chosen, err := p.CheckVote(options)
		if err != nil {
			return err
		}
		if err := store.SetVote(c.Tx, &p.Poll, c.Me.Actor, c.Name(), chosen); err != nil {
			return err
		}
		c.Emit(room.Event{Kind: talk.EventPoll, Actor: c.Me.Actor, PollID: p.ID})
		if p.ResultMode != talk.ResultsPublic {
			return nil
		}
		return c.Post(&talk.Message{Actor: talk.Guest(talk.GuestSystem), System: talk.PollVoted, Params: p.Object(strconv.FormatInt(p.ID, 10))})
	})
}

// ClosePoll ends a poll, or removes a draft, which draft tells. Failures, in this order:
// NotFound "poll", for drafts also when the caller may not know of them, Forbidden "poll",
// Invalid "poll" when it is closed.
func (svc *Service) ClosePoll(ctx context.Context, s room.Scope, id int64) (v PollView, draft bool, err error) {
	v, err = svc.changePoll(ctx, s, id, func(c *room.Change, p *store.NamedPoll) error {
		draft = p.Status == talk.PollIsDraft
		mine := p.MayManage(&c.Me.Attendee)
		switch {
		case draft && !mine:
			return talk.Fail(talk.NotFound, "poll")
		case draft:
			return store.DeletePoll(c.Tx, &p.Poll)
		case p.Status == talk.PollIsClosed:
			return talk.Fail(talk.Invalid, "poll")
		case !mine:
			return talk.Fail(talk.Forbidden, "poll")
		}
		p.Status = talk.PollIsClosed
		if err := store.UpdatePoll(c.Tx, &p.Poll); err != nil {
			return err
		}
		c.Emit(room.Event{Kind: talk.EventPoll, Actor: c.Me.Actor, PollID: p.ID})
		m := &talk.Message{Actor: c.Me.Actor, System: talk.PollClosed, Params: p.Object(strconv.FormatInt(p.ID, 10))}
		to := audienceOf(c, m, nil, nil)
		if err := c.PostTo(&to, m); err != nil {
			return err
		}
		return store.MarkRead(c.Tx, c.Room.ID, []store.ReadMark{{Attendee: c.Me.ID, Reader: c.Me.Actor}})
	})
	return v, draft, err
}

// Poll returns a poll. Failure: NotFound "poll", also for drafts of others.
func (svc *Service) Poll(ctx context.Context, s room.Scope, id int64) (v PollView, err error) {
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		p, err := store.Poll(tx, f.Room.ID, id)
		if db.IsNone(err) || err == nil && p.Status == talk.PollIsDraft && !p.MayManage(&f.Me.Attendee) {
			err = talk.Fail(talk.NotFound, "poll")
		}
		if err == nil {
			v, err = viewOf(tx, &p, &f.Me.Attendee)
		}
		return err
	})
	return v, err
}

// Drafts returns the drafts of polls.
func (svc *Service) Drafts(ctx context.Context, s room.Scope) (all []store.NamedPoll, err error) {
	err = svc.rooms.View(ctx, s, func(tx *db.Tx, f *room.Facts) error {
		all, err = store.DraftPolls(tx, f.Room.ID)
		return err
	})
	return all, err
}
