package directory_test

import (
	"context"
	"fmt"
	"testing"

	"parley/internal/directory"
	"parley/internal/talk"
)

// group makes a group and its members, who need not exist yet.
func (w *fixture) group(id string, members ...string) {
	w.t.Helper()
	w.must(w.Directory.CreateGroup(w.t.Context(), id, ""))
	for _, m := range members {
		w.must(w.Directory.AddToGroup(w.t.Context(), operator(), id, m))
	}
}

func (w *fixture) addGroup(token, id string) {
	w.t.Helper()
	_, err := w.Conversations.AddParticipant(w.t.Context(), guarded(as("alice"), token, talk.NeedAccountModerator), "groups", id)
	w.must(err)
}

// roles are the attendees of a conversation by id.
type roles = map[string]talk.ParticipantType

func TestJoiningAGroup(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		w.group("crew")
		first, second, other := w.room(talk.Group), w.room(talk.Public), w.room(talk.Group)
		w.addGroup(first, "crew")
		w.addGroup(second, "crew")
		w.join(as("bob"), second)
		for range 2 { // the second time changes nothing
			w.must(w.Directory.AddToGroup(t.Context(), as("dave"), "crew", "BOB"))
		}
		want := roles{"alice": talk.Owner, "crew": talk.Member, "bob": talk.Member}
		equal(t, "first", w.types(first), want)
		equal(t, "told", w.told(first), []string{"alice group_added crew", "dave user_added bob"})
		equal(t, "self-joined before", w.types(second), want)
		equal(t, "sessions", w.sessions(second), 1)
		equal(t, "without the group", w.types(other), roles{"alice": talk.Owner})

		w.must(w.Directory.AddToGroup(t.Context(), operator(), "crew", "alice"))
		equal(t, "owner", w.types(first), want)
	})
}

func TestLeavingAGroup(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		w.group("crew", "bob", "carol", "dave")
		w.group("office", "dave")
		token, other := w.room(talk.Group), w.room(talk.Group, "bob")
		w.addGroup(token, "crew")
		w.addGroup(token, "office")
		w.promote(token, "carol")
		for _, id := range []string{"bob", "carol", "dave"} {
			for range 2 { // the second time changes nothing
				w.must(w.Directory.RemoveFromGroup(t.Context(), operator(), "crew", id))
			}
		}
		equal(t, "only bob is held by nothing else", w.types(token), roles{
			"alice": talk.Owner, "crew": talk.Member, "office": talk.Member, "carol": talk.Moderator, "dave": talk.Member,
		})
		equal(t, "without the group", w.types(other), roles{"alice": talk.Owner, "bob": talk.Member})
		told := w.told(token)
		equal(t, "told", told[len(told)-1], "cli user_removed bob")
		w.must(w.Directory.RemoveFromGroup(t.Context(), operator(), "office", "dave"))
		if _, in := w.types(token)["dave"]; in {
			t.Error("dave stays without any group")
		}
	})
}

func TestDeletedGroup(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		w.group("crew", "bob", "carol")
		w.group("office", "carol")
		token := w.room(talk.Group)
		w.addGroup(token, "crew")
		w.addGroup(token, "office")
		w.must(w.Directory.DeleteGroup(t.Context(), as("dave"), "crew"))
		equal(t, "attendees", w.types(token), roles{"alice": talk.Owner, "office": talk.Member, "carol": talk.Member})
		told := w.told(token)
		equal(t, "told", told[len(told)-2:], []string{"dave group_removed crew", "dave user_removed bob"})
		refused(t, w.Directory.DeleteGroup(t.Context(), as("dave"), "crew"), talk.NotFound, directory.ReasonGroup)
		refused(t, w.Directory.DeleteGroup(t.Context(), as("dave"), directory.AdminGroup), talk.Forbidden, directory.ReasonLastAdmin)
	})
}

func TestRenamedGroup(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		w.group("crew")
		token := w.room(talk.Group)
		w.addGroup(token, "crew")
		before := w.conversation(token).Version
		w.must(w.Directory.RenameGroup(t.Context(), "crew", " The crew "))
		equal(t, "name", w.attendees(token)[groupOf("crew")].DisplayName, "The crew")
		if w.conversation(token).Version <= before {
			t.Error("clients do not learn of the name")
		}
		refused(t, w.Directory.RenameGroup(t.Context(), "none", "x"), talk.NotFound, directory.ReasonGroup)
		refused(t, w.Directory.RenameGroup(t.Context(), "crew", " "), talk.Invalid, directory.ReasonDisplayName)
	})
}

func groupOf(id string) talk.Actor { return talk.Actor{Type: talk.ActorGroups, ID: id} }

// TestNewAccountsFollowTheirGroups creates an account in two groups that share a
// conversation.
func TestNewAccountsFollowTheirGroups(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		w.group("crew")
		w.group("office")
		token := w.room(talk.Group)
		w.addGroup(token, "crew")
		w.addGroup(token, "office")
		eve := directory.NewAccount{UserID: "eve", Password: "secret", Groups: []string{"office", "crew", "none"}}
		refused(t, w.Directory.CreateAccount(t.Context(), operator(), eve), talk.NotFound, directory.ReasonGroup)
		_, err := w.Directory.Account(t.Context(), "eve")
		refused(t, err, talk.NotFound, directory.ReasonUser)

		eve.Groups = eve.Groups[:2]
		w.must(w.Directory.CreateAccount(t.Context(), operator(), eve))
		equal(t, "role", w.types(token)["eve"], talk.Member)
		told := w.told(token)
		equal(t, "told once", told, []string{"alice group_added crew", "alice group_added office", "cli user_added eve"})
	})
}

// TestGroupsChangeAtOnce changes two groups that share two conversations from
// both sides; whoever is in a group at the end is in the conversations.
func TestGroupsChangeAtOnce(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for i := range rounds {
			crew, office := fmt.Sprint("crew", i), fmt.Sprint("office", i)
			w.group(crew, "bob", "carol")
			w.group(office, "carol", "dave")
			tokens := []string{w.room(talk.Group), w.room(talk.Group)}
			for _, token := range tokens {
				w.addGroup(token, crew)
				w.addGroup(token, office)
			}
			for _, err := range together(t.Context(),
				func(ctx context.Context) error { return w.Directory.RemoveFromGroup(ctx, operator(), crew, "carol") },
				func(ctx context.Context) error { return w.Directory.RemoveFromGroup(ctx, operator(), office, "carol") },
				func(ctx context.Context) error { return w.Directory.AddToGroup(ctx, operator(), office, "bob") },
				func(ctx context.Context) error { return w.Directory.DeleteGroup(ctx, operator(), crew) },
				func(ctx context.Context) error {
					name := fmt.Sprint("Dave ", i)
					return w.Directory.EditAccount(ctx, "dave", directory.AccountChange{DisplayName: &name})
				},
			) {
				if !talk.IsKind(err, talk.NotFound) { // of the group that was deleted
					w.must(err)
				}
			}
			for _, token := range tokens {
				equal(t, "attendees", w.types(token), roles{"alice": talk.Owner, office: talk.Member, "bob": talk.Member, "dave": talk.Member})
			}
		}
	})
}

// TestGroupIsDeletedWhileItIsAdded ends with a conversation that knows nothing
// of the group.
func TestGroupIsDeletedWhileItIsAdded(t *testing.T) {
	eachFixture(t, func(t *testing.T, w *fixture) {
		for i := range rounds {
			crew := fmt.Sprint("crew", i)
			w.group(crew, "bob")
			token := w.room(talk.Group)
			for _, err := range together(t.Context(),
				func(ctx context.Context) error { return w.Directory.DeleteGroup(ctx, operator(), crew) },
				func(ctx context.Context) error {
					_, err := w.Conversations.AddParticipant(ctx, guarded(as("alice"), token, talk.NeedAccountModerator), "groups", crew)
					return err
				},
			) {
				if !talk.IsKind(err, talk.NotFound) {
					w.must(err)
				}
			}
			equal(t, "attendees", w.types(token), roles{"alice": talk.Owner})
		}
	})
}
