package main

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strconv"

	"parley/internal/talk"
)

// owner is the account that can log in.
const owner = "owner"

// The shape of the data.
const (
	largest       = 10_000        // attendees of the first conversation, less in small plans
	pairsOf       = 3             // every third conversation is a one-to-one
	publicOf      = 5             // every fifth other one is public
	ownedOf       = 100           // parts of the conversations that owner owns one of each
	firstDay      = 1_750_000_000 // Unix seconds at which the first conversation began
	perAccount    = 50            // attendees of an account, on average
	fewestAccount = 50
)

// plan is what a database will hold. Rooms, users and rows are numbered; all
// that is said about number i depends on the plan and i alone.
type plan struct {
	sizes    []int // attendees by room, 2 for a one-to-one
	accounts int
	total    int
}

// newPlan distributes the attendees over rooms: one large, one-to-ones, and
// others of which most are small and few have hundreds.
func newPlan(rooms, attendees int) (*plan, error) {
	if rooms < 1 || attendees < 3*rooms {
		return nil, fmt.Errorf("%d conversations need at least %d attendees", rooms, 3*max(rooms, 1))
	}
	first := max(min(largest, attendees/10), 1)
	p := &plan{sizes: make([]int, rooms), total: attendees, accounts: max(attendees/perAccount, first, fewestAccount)}
	left, weights, sum := attendees-first, make([]float64, rooms), 0.0
	random := rand.New(rand.NewPCG(1, 1))
	p.sizes[0] = first
	for i := 1; i < rooms; i++ {
		p.sizes[i] = 1
		if isPair(i) {
			p.sizes[i] = 2
		} else {
			weights[i] = 1 / (random.Float64() + 0.001)
			sum += weights[i]
		}
		left -= p.sizes[i]
	}
	rest := left
	for i, weight := range weights {
		if more := int(float64(left) * weight / max(sum, 1)); more > 0 {
			p.sizes[i] += more
			rest -= more
		}
	}
	// What rounding left over, one for each room in turn.
	for i := 1; rest > 0; i++ {
		if room := i % rooms; weights[room] > 0 || rooms < 3 && room == 0 {
			p.sizes[room]++
			rest--
		}
	}
	p.accounts = max(p.accounts, slices.Max(p.sizes))
	return p, nil
}

func isPair(room int) bool { return room%pairsOf == 1 }

// user returns the id of a user; number 0 is owner.
func user(n int) string {
	if n == 0 {
		return owner
	}
	return fmt.Sprintf("user%06d", n)
}

// token returns the token of a room: seven digits that look like chance.
func token(room int) string {
	const tokens = 36 * 36 * 36 * 36 * 36 * 36 * 36
	n := (int64(room)*28_629_151_013 + 9_999_999_967) % tokens
	text := strconv.FormatInt(n, 36)
	return "s" + "0000000"[len(text):] + text
}

// members calls yield for the users of a room, the owner of the room first,
// without repetition.
func (p *plan) members(room int) iter.Seq[int] {
	random := rand.New(rand.NewPCG(2, uint64(room)))
	first, step := random.IntN(p.accounts), 1+random.IntN(p.accounts-1)
	if room%max(len(p.sizes)/ownedOf, 1) == 0 {
		first = 0
	}
	if isPair(room) {
		// The pairs of each distance in turn, so that none comes twice.
		n := room / pairsOf
		first, step = n%p.accounts, 1+n/p.accounts
	}
	for gcd(step, p.accounts) != 1 && !isPair(room) {
		step++
	}
	return func(yield func(int) bool) {
		for k := range p.sizes[room] {
			if !yield((first + k*step) % p.accounts) {
				return
			}
		}
	}
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// pair returns the two people of a one-to-one.
func (p *plan) pair(room int) [2]string {
	people := slices.Collect(p.members(room))
	return [2]string{user(people[0]), user(people[1])}
}

// room returns what a room is, without its attendees.
func (p *plan) room(room int) talk.Room {
	r := talk.Room{ID: int64(room + 1), Token: token(room), Type: talk.Group, Name: fmt.Sprintf("Conversation %d", room)}
	switch {
	case isPair(room):
		people := p.pair(room)
		r.Type = talk.OneToOne
		r.Name = talk.PairIdentity(people[0], people[1])
		r.Identity = r.Name
	case room%publicOf == 0:
		r.Type = talk.Public
	}
	return r
}
