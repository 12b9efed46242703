package talk_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"testing/quick"

	"parley/internal/talk"
)

// TestDeal holds for any number of attendees and rooms: everybody is dealt
// once, and no room has more than one more than another.
func TestDeal(t *testing.T) {
	even := func(people, rooms uint8, seed uint64) bool {
		amount := int(rooms)%talk.MaxBreakoutRooms + 1
		ids := make([]int64, people)
		for i := range ids {
			ids[i] = int64(1000 + 7*i)
		}
		before := slices.Clone(ids)
		d := talk.Deal(ids, amount, rand.New(rand.NewPCG(seed, 1)).Shuffle)
		sizes := make([]int, amount)
		for _, id := range ids {
			index, dealt := d[id]
			if !dealt {
				return false
			}
			sizes[index]++
		}
		return len(d) == len(ids) && d.Check(amount) == nil && slices.Equal(ids, before) &&
			slices.Max(sizes)-slices.Min(sizes) <= 1
	}
	if err := quick.Check(even, nil); err != nil {
		t.Error(err)
	}
}

func TestDealShuffles(t *testing.T) {
	ids := []int64{1, 2, 3, 4, 5, 6, 7, 8}
	random := rand.New(rand.NewPCG(1, 2))
	first := talk.Deal(ids, 8, random.Shuffle)
	for id, index := range talk.Deal(ids, 8, random.Shuffle) {
		if first[id] != index {
			return
		}
	}
	t.Error("two deals are the same")
}

func TestDistributionCheck(t *testing.T) {
	for _, c := range []struct {
		d      talk.Distribution
		amount int
		want   string
	}{
		{nil, 1, ""},
		{talk.Distribution{5: 0, 6: 1}, 2, ""},
		{talk.Distribution{5: 0, 6: 2}, 2, "invalid: attendeeMap"},
		{talk.Distribution{5: -1}, 2, "invalid: attendeeMap"},
	} {
		wantOutcome(t, c.d.Check(c.amount), c.want, "%v of %d", c.d, c.amount)
	}
}

func TestCanSplit(t *testing.T) {
	for _, c := range []struct {
		room         talk.Room
		mode, amount int
		want         string
	}{
		{talk.Room{Type: talk.Group}, 1, 1, ""},
		{talk.Room{Type: talk.Group}, 3, 20, ""},
		{talk.Room{Type: talk.Public}, 0, 0, "invalid: room"},
		{talk.Room{Type: talk.Group, BreakoutMode: 1}, 0, 0, "invalid: room"},
		{talk.Room{Type: talk.Group, ObjectType: talk.ObjectBreakout}, 1, 1, "invalid: room"},
		{talk.Room{Type: talk.Group}, 0, 0, "invalid: mode"},
		{talk.Room{Type: talk.Group}, 4, 1, "invalid: mode"},
		{talk.Room{Type: talk.Group}, 2, 0, "invalid: amount"},
		{talk.Room{Type: talk.Group}, 2, 21, "invalid: amount"},
	} {
		wantOutcome(t, c.room.CanSplit(c.mode, c.amount), c.want, "%+v", c)
	}
}

// TestBreakoutRights asks every rule about every mode, status and role.
func TestBreakoutRights(t *testing.T) {
	for mode := talk.BreakoutOff; mode <= talk.BreakoutFree; mode++ {
		for _, status := range []int{talk.BreakoutStopped, talk.BreakoutStarted} {
			for role := talk.Owner; role <= talk.GuestModerator; role++ {
				r := &talk.Room{Type: talk.Group, BreakoutMode: mode, BreakoutStatus: status}
				a := &talk.Attendee{Type: role}
				moderator := role == talk.Owner || role == talk.Moderator || role == talk.GuestModerator
				see, change := "", ""
				switch {
				case mode == talk.BreakoutOff:
					see, change = "invalid: mode", "invalid: mode"
				case status == talk.BreakoutStopped:
					change = "invalid: status"
					if !moderator {
						see = "invalid: status"
					}
				case moderator:
					change = "invalid: moderator"
				}
				if mode != talk.BreakoutFree {
					change = "invalid: mode"
				}
				wantOutcome(t, r.CanSeeBreakouts(a), see, "see: mode %d status %d role %d", mode, status, role)
				wantOutcome(t, r.CanSwitchBreakout(a), change, "switch: mode %d status %d role %d", mode, status, role)
				if got := r.SeesAllBreakouts(a); got != (moderator || mode == talk.BreakoutFree) {
					t.Errorf("mode %d role %d: sees all: %v", mode, role, got)
				}
			}
		}
	}
}

func TestCanChangeType(t *testing.T) {
	wantOutcome(t, (&talk.Room{Type: talk.Group}).CanChangeType(), "", "group")
	wantOutcome(t, (&talk.Room{Type: talk.Group, BreakoutMode: 2}).CanChangeType(), "invalid: breakout-room", "parent")
	wantOutcome(t, (&talk.Room{Type: talk.Group, ObjectType: "room"}).CanChangeType(), "invalid: breakout-room", "breakout room")
	wantOutcome(t, (&talk.Room{Type: talk.OneToOne}).CanChangeType(), "invalid: type", "one-to-one")
}

func TestCanUnbind(t *testing.T) {
	for _, object := range objectTypes {
		want := "invalid: object-type"
		if object == "event" || object == "instant_meeting" || object == "phone_temporary" {
			want = ""
		}
		wantOutcome(t, (&talk.Room{Type: talk.Group, ObjectType: object}).CanUnbind(), want, "object %q", object)
	}
}
