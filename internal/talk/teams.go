package talk

// TeamIDLength is the number of characters of a team's id.
const TeamIDLength = 31

// MaxTeamName is the longest name of a team, in characters.
const MaxTeamName = 127

// Team is a set of accounts, groups and other teams. Who is in a member that
// is a group or a team is in the team too.
type Team struct {
	ID   string
	Name string
	// Owner is the account that manages the team, empty when it is gone.
	Owner string
	// CreatedAt is in Unix seconds.
	CreatedAt int64
}

// Actor returns the team as an attendee.
func (t *Team) Actor() Actor { return Actor{ActorTeams, t.ID} }

// SourceType returns the actor type that the source of an invitation names:
// the source itself, but for the new name of teams, which API v1 to v3 (legacy)
// do not know.
func SourceType(source string, legacy bool) ActorType {
	if source == "teams" && !legacy {
		return ActorTeams
	}
	return ActorType(source)
}
