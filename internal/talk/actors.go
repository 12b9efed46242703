package talk

// ActorType is the namespace of an actor id.
type ActorType string

// The actor types that an attendee or the author of a message can have.
const (
	ActorUsers          ActorType = "users"
	ActorGroups         ActorType = "groups"
	ActorTeams          ActorType = "circles" // the wire still uses the old name of teams
	ActorGuests         ActorType = "guests"
	ActorEmails         ActorType = "emails"
	ActorPhones         ActorType = "phones"
	ActorFederatedUsers ActorType = "federated_users"
	ActorBots           ActorType = "bots"
	ActorDeletedUsers   ActorType = "deleted_users"
)

// Ids of actors that stand for no person.
const (
	// GuestCLI acts for an administrator at the command line, under ActorGuests.
	GuestCLI = "cli"
	// GuestSystem acts for the server itself, under ActorGuests.
	GuestSystem = "system"
	// guestObserver reads for the server itself, under ActorGuests; see Observer.
	guestObserver = "observer"
	// BridgeBot is the reserved user id of chat bridges.
	BridgeBot = "bridge-bot"
)

// Actor is who an attendee is and who wrote a message. It is comparable and
// usable as a map key.
type Actor struct {
	Type ActorType
	ID   string
}

// User returns the actor of an account.
func User(id string) Actor { return Actor{ActorUsers, id} }

// Guest returns the actor of a guest without an account.
func Guest(id string) Actor { return Actor{ActorGuests, id} }

// IsGroupOrTeam reports whether the actor stands for many people: a group or a team.
func (a Actor) IsGroupOrTeam() bool { return a.Type == ActorGroups || a.Type == ActorTeams }

// IsZero reports whether the actor is nobody.
func (a Actor) IsZero() bool { return a == Actor{} }

// Caller is who makes a request. The zero value is a stranger without a client
// session.
type Caller struct {
	// UserID is the canonical id of the account, empty for guests.
	UserID string
	// DisplayName is the name of the account, empty for guests.
	DisplayName string
	// Client identifies the client session (a browser, an app) that holds at
	// most one session in each conversation: the cookie of the request, or the
	// one that its answer sets.
	Client string
	// Fresh tells that the request came without a cookie, so that Device stands
	// for the client.
	Fresh bool
	// Device identifies the credential that the request came with, empty for
	// guests and cookie logins.
	Device string
	// System is set for changes made by an administrator at the command line or
	// by the server itself; it names the acting guest id.
	System string
	// Address is the client's network address as text, for protection only.
	Address string
}

// LoggedIn reports whether the caller has an account.
func (c Caller) LoggedIn() bool { return c.UserID != "" }

// Actor returns who system messages name as their author: the account, or the
// system actor. It is zero for guests, whose actor depends on the conversation.
func (c Caller) Actor() Actor {
	switch {
	case c.UserID != "":
		return User(c.UserID)
	case c.System != "":
		return Guest(c.System)
	}
	return Actor{}
}

// Observer is who reads a conversation for the administrator: as an owner would who is in no
// list and has no row of their own.
func Observer() Caller { return Caller{System: guestObserver} }

// Observes reports whether the caller is that of [Observer].
func (c Caller) Observes() bool { return c.System == guestObserver }

// ObserverIn is the observer as a participant of a conversation.
func ObserverIn(roomID int64) *Participant {
	return &Participant{Attendee: Attendee{RoomID: roomID, Actor: Guest(guestObserver), Type: Owner}}
}
