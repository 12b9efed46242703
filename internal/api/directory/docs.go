package directory

import (
	"reflect"

	"parley/internal/directory"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// Table is the route table with its documentation.
func (a *API) Table() ocs.Table {
	return ocs.Table{Rows: a.rows(), Topics: topics(), Vague: vague()}
}

// topics describe the handlers by their names.
func topics() []ocs.Topic {
	return []ocs.Topic{
		{Name: "User statuses", Operations: userStatusesDocs()},
		{Name: "Accounts and groups", Operations: accountsAndGroupsDocs()},
		{Name: "Teams", Operations: teamsDocs()},
	}
}

func userStatusesDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"getOwnStatus": {
			Summary: "Get the user status of the caller", Answers: ocs.Same(ownStatus{}), Fails: []talk.Kind{talk.NotFound},
		},
		"setAvailability":        {Summary: "Set the availability of the caller", Answers: ocs.Same(ownStatus{})},
		"setStatusMessage":       {Summary: "Set a status message in own words", Answers: ocs.Same(ownStatus{})},
		"setPredefinedStatus":    {Summary: "Choose one of the predefined status messages", Answers: ocs.Same(ownStatus{})},
		"clearStatusMessage":     {Summary: "Remove the status message"},
		"revertStatus":           {Summary: "Go back to the status before an automatic one", Answers: ocs.Same(ownStatus{}, []any{})},
		"listStatuses":           {Summary: "List the statuses of all who have one", Answers: ocs.Same([]shownStatus{})},
		"getStatus":              {Summary: "Get the status of a user", Answers: ocs.Same(shownStatus{})},
		"listPredefinedStatuses": {Summary: "List the predefined status messages", Answers: ocs.Same([]predefinedStatus{})},
		"heartbeat": {
			Summary: "Tell that the caller is there", Answers: ocs.Same(ownStatus{}), Also: []int{ocs.StatusNoContent},
		},
	}
}

func accountsAndGroupsDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"ownAccount":    {Summary: "Get the account of the caller", Answers: ocs.Same(anAccount(true))},
		"listFields":    {Summary: "List the fields of an account that can be edited", Answers: ocs.Same([]string{})},
		"listFieldsOf":  {Summary: "List the fields of an account that can be edited", Answers: ocs.Same([]string{})},
		"listAccounts":  {Summary: "List or search account ids", Answers: userIDs},
		"wipeDevices":   {Summary: "Have the devices of an account wipe what they have of it", Fails: []talk.Kind{talk.NotFound}},
		"createAccount": {Summary: "Create an account", Answers: ocs.Same(created{})},
		"listAccountDetails": {
			Summary: "List or search accounts with all their fields",
			Answers: ocs.Same(ocs.Object{"users": ocs.OneOf{ocs.ByName{Example: anAccount(false)}, []any{}}}),
		},
		"getAccount":      {Summary: "Get an account", Answers: ocs.Same(anAccount(false), anAccount(true))},
		"editAccount":     {Summary: "Change a field of an account"},
		"deleteAccount":   {Summary: "Delete an account", Fails: []talk.Kind{talk.Invalid}},
		"enableAccount":   {Summary: "Enable an account", Fails: []talk.Kind{talk.Invalid}},
		"disableAccount":  {Summary: "Disable an account", Fails: []talk.Kind{talk.Invalid}},
		"groupsOfAccount": {Summary: "List the groups of an account", Answers: allGroupIDs},
		"joinGroup":       {Summary: "Put an account into a group"},
		"leaveGroup":      {Summary: "Take an account out of a group"},
		"listGroups":      {Summary: "List or search group ids", Answers: allGroupIDs},
		"createGroup":     {Summary: "Create a group"},
		"listGroupDetails": {
			Summary: "List or search groups with their sizes", Answers: ocs.Same(ocs.Object{"groups": []groupData{}}),
		},
		"groupMembers": {Summary: "List the members of a group", Answers: userIDs},
		"editGroup":    {Summary: "Rename a group"},
		"deleteGroup":  {Summary: "Delete a group", Fails: []talk.Kind{talk.Invalid}},
		"groupUsers": {
			Summary: "List the members of a group, also for its members", Answers: userIDs, Fails: []talk.Kind{talk.Forbidden},
		},
		"suggest": {Summary: "Suggest whom to add to a conversation", Answers: ocs.Same([]suggestionData{})},
	}
}

func teamsDocs() map[string]ocs.Doc {
	return map[string]ocs.Doc{
		"probeTeams":      {Summary: "List the teams of the caller", Answers: ocs.Same([]teamData{})},
		"listTeams":       {Summary: "List the teams of the caller", Answers: ocs.Same([]teamData{})},
		"createTeam":      {Summary: "Create a team", Answers: ocs.Same(teamData{})},
		"deleteTeam":      {Summary: "Delete a team", Fails: []talk.Kind{talk.Forbidden}},
		"renameTeam":      {Summary: "Rename a team", Answers: ocs.Same(teamData{}), Fails: []talk.Kind{talk.Forbidden}},
		"listTeamMembers": {Summary: "List the members of a team", Answers: ocs.Same([]memberData{})},
		"addTeamMember": {
			Summary: "Add a user, group or team to a team", Answers: ocs.Same([]memberData{}),
			Fails: []talk.Kind{talk.Forbidden},
		},
		"removeTeamMember": {Summary: "Remove a member from a team", Fails: []talk.Kind{talk.Invalid, talk.Forbidden}},
	}
}

// Shapes that operations share.
var (
	userIDs     = ocs.Same(ocs.Object{"users": []string{}})
	allGroupIDs = ocs.Same(ocs.Object{"groups": []string{}})
)

// vague are examples of the types that are vague by themselves.
func vague() map[reflect.Type]any {
	return map[reflect.Type]any{reflect.TypeFor[duration](): duration{Time: ocs.OneOf{0, ""}}}
}

func anAccount(own bool) ocs.Fields { return describe(&directory.AccountView{}, own) }
