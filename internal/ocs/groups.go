package ocs

import (
	"cmp"
	"slices"

	"parley/internal/app"
)

// groupData describes a group, see platform.md §6.2.
type groupData struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayname"`
	UserCount   int    `json:"usercount"`
	Disabled    int    `json:"disabled"`
	CanAdd      bool   `json:"canAdd"`
	CanRemove   bool   `json:"canRemove"`
}

func listGroups(c *call, in pageParams) (any, error) {
	ids, err := c.app.GroupIDs(c.r.Context(), in.page())
	return object{"groups": ids}, err
}

func listGroupDetails(c *call, in pageParams) (any, error) {
	found, err := c.app.Groups(c.r.Context(), in.page())
	groups := make([]groupData, len(found))
	for i, g := range found {
		groups[i] = groupData{ID: g.ID, DisplayName: g.DisplayName, UserCount: len(g.Members), CanAdd: true, CanRemove: true}
		for _, m := range g.Members {
			if !m.Enabled {
				groups[i].Disabled++
			}
		}
	}
	return object{"groups": groups}, err
}

type newGroupParams struct {
	GroupID     string `param:"groupid"`
	DisplayName string `param:"displayname"`
}

func createGroup(c *call, in newGroupParams) (any, error) {
	return nil, provisioned(c.app.CreateGroup(c.r.Context(), in.GroupID, in.DisplayName), codes{
		app.ReasonGroupID: 101, app.ReasonGroupExists: 102, app.ReasonDisplayName: 101,
	})
}

func editGroup(c *call, in editParams) (any, error) {
	if in.Key != "displayname" {
		return nil, refused(101, app.ReasonField)
	}
	return nil, provisioned(c.app.RenameGroup(c.r.Context(), c.values["group"], in.Value), codes{
		app.ReasonGroup: 101, app.ReasonDisplayName: 101,
	})
}

func deleteGroup(c *call) (any, error) {
	return nil, provisioned(c.app.DeleteGroup(c.r.Context(), c.caller(), c.values["group"]), codes{
		app.ReasonGroup: 101, app.ReasonLastAdmin: 102,
	})
}

// groupMembers lists a group for administrators.
func groupMembers(c *call) (any, error) {
	g, err := c.app.Group(c.r.Context(), c.values["group"])
	return object{"users": memberIDs(g.Members)}, provisioned(err, codes{app.ReasonGroup: codeUnknownRoute})
}

// groupUsers lists a group for its members too.
func groupUsers(c *call) (any, error) {
	g, err := c.app.Group(c.r.Context(), c.values["group"])
	if err != nil {
		return nil, provisioned(err, codes{app.ReasonGroup: codeUnknownRoute})
	}
	ids := memberIDs(g.Members)
	if !slices.Contains(ids, c.caller().UserID) {
		if admin, err := c.isAdmin(); err != nil || !admin {
			return nil, cmp.Or[error](err, errNotSubadmin)
		}
	}
	return object{"users": ids}, nil
}

func memberIDs(members []app.Account) []string {
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.UserID
	}
	return ids
}
