package directory_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"parley/internal/room"
	"parley/internal/talk"
)

// teamRace is a team that bob comes into and goes out of through a group, and a
// conversation that the team comes into and goes out of.
type teamRace struct {
	*fixture
	team  talk.Actor
	token string
}

func (r *teamRace) scope() room.Scope {
	return guarded(as("alice"), r.token, talk.NeedModerator)
}

func (r *teamRace) join(ctx context.Context) error {
	return r.Directory.AddToGroup(ctx, as("alice"), "staff", "bob")
}

func (r *teamRace) leave(ctx context.Context) error {
	return r.Directory.RemoveFromGroup(ctx, as("alice"), "staff", "bob")
}

func (r *teamRace) add(ctx context.Context) error {
	_, err := r.Conversations.AddParticipant(ctx, r.scope(), "teams", r.team.ID)
	return err
}

func (r *teamRace) remove(ctx context.Context) error {
	return r.Conversations.RemoveAttendee(ctx, r.scope(), r.attendees(r.token)[r.team].ID)
}

// together runs the functions at the same time; afterwards bob has to be in the
// conversation or not.
func (r *teamRace) together(bob bool, fs ...func(context.Context) error) {
	r.t.Helper()
	for _, err := range together(r.t.Context(), fs...) {
		r.must(err)
	}
	if _, in := r.attendees(r.token)[talk.User("bob")]; in != bob {
		r.t.Fatalf("bob is in the conversation: %v, want %v", in, bob)
	}
}

// TestTeamRaces changes who is in a team while the team comes and goes. In the
// end a conversation has exactly the people whom the team holds.
func TestTeamRaces(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		w.must(w.Directory.CreateGroup(t.Context(), "staff", "Staff"))
		team, err := w.Directory.CreateTeam(t.Context(), "Racers", "alice")
		w.must(err)
		w.must(w.Directory.AddTeamMember(t.Context(), as("alice"), team.ID, talk.Actor{Type: talk.ActorGroups, ID: "staff"}))
		for range rounds {
			r := &teamRace{w, team.Actor(), w.room(talk.Group)}
			r.together(true, r.join, r.add)
			r.together(false, r.leave, r.remove)
			r.together(true, r.add, r.join)
			r.together(false, r.remove, r.leave)
			r.together(false, r.add)
			r.together(false, r.remove, r.join)
			r.together(false, r.leave, r.add)
		}
	})
}

// TestDeletedTeamRace deletes a team while it is added: it is in no
// conversation afterwards, and nobody is there because of it.
func TestDeletedTeamRace(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for range rounds {
			team, err := w.Directory.CreateTeam(t.Context(), "Short", "alice")
			w.must(err)
			w.must(w.Directory.AddTeamMember(t.Context(), as("alice"), team.ID, talk.User("bob")))
			r := &teamRace{w, team.Actor(), w.room(talk.Group)}
			errs := together(t.Context(), r.add, func(ctx context.Context) error { return w.Directory.DeleteTeam(ctx, as("alice"), team.ID) })
			if errs[0] != nil && !talk.IsKind(errs[0], talk.NotFound) {
				t.Fatal(errs[0])
			}
			w.must(errs[1])
			if rows := w.attendees(r.token); len(rows) != 1 {
				t.Fatalf("left behind: %v", slices.Collect(maps.Keys(rows)))
			}
		}
	})
}
