package directory

import (
	"cmp"
	"slices"

	"parley/internal/directory"
	"parley/internal/ocs"
)

// groupData describes a group
type groupData struct {
	ID          string `json:"id"`
	DisplayName string `json:"displayname"`
	UserCount   int    `json:"usercount"`
	Disabled    int    `json:"disabled"`
	CanAdd      bool   `json:"canAdd"`
	CanRemove   bool   `json:"canRemove"`
}

func (a *API) listGroups(c *ocs.Call, in pageParams) (any, error) {
	ids, err := a.directory.GroupIDs(c.Context(), in.page())
	return ocs.Object{"groups": ids}, err
}

func (a *API) listGroupDetails(c *ocs.Call, in pageParams) (any, error) {
	found, err := a.directory.Groups(c.Context(), in.page())
	groups := make([]groupData, len(found))
	for i, g := range found {
		groups[i] = groupData{ID: g.ID, DisplayName: g.DisplayName, UserCount: len(g.Members), CanAdd: true, CanRemove: true}
		for _, m := range g.Members {
			if !m.Enabled {
				groups[i].Disabled++
			}
		}
	}
	return ocs.Object{"groups": groups}, err
}

type newGroupParams struct {
	GroupID     string `param:"groupid"`
	DisplayName string `param:"displayname"`
}

func (a *API) createGroup(c *ocs.Call, in newGroupParams) (any, error) {
	return nil, provisioned(a.directory.CreateGroup(c.Context(), in.GroupID, in.DisplayName), codes{
		directory.ReasonGroupID: 101, directory.ReasonGroupExists: 102, directory.ReasonDisplayName: 101,
	})
}

func (a *API) editGroup(c *ocs.Call, in editParams) (any, error) {
	if in.Key != "displayname" {
		return nil, refused(101, directory.ReasonField)
	}
	return nil, provisioned(a.directory.RenameGroup(c.Context(), c.Value("group"), in.Value), codes{
		directory.ReasonGroup: 101, directory.ReasonDisplayName: 101,
	})
}

func (a *API) deleteGroup(c *ocs.Call) (any, error) {
	return nil, provisioned(a.directory.DeleteGroup(c.Context(), c.Caller(), c.Value("group")), codes{
		directory.ReasonGroup: 101, directory.ReasonLastAdmin: 102,
	})
}

// groupMembers lists a group for administrators.
func (a *API) groupMembers(c *ocs.Call) (any, error) {
	g, err := a.directory.Group(c.Context(), c.Value("group"))
	return ocs.Object{"users": memberIDs(g.Members)}, provisioned(err, codes{directory.ReasonGroup: ocs.CodeUnknown})
}

// groupUsers lists a group for its members too.
func (a *API) groupUsers(c *ocs.Call) (any, error) {
	g, err := a.directory.Group(c.Context(), c.Value("group"))
	if err != nil {
		return nil, provisioned(err, codes{directory.ReasonGroup: ocs.CodeUnknown})
	}
	ids := memberIDs(g.Members)
	if !slices.Contains(ids, c.Caller().UserID) {
		if admin, err := c.IsAdmin(); err != nil || !admin {
			return nil, cmp.Or[error](err, ocs.ErrNotSubadmin)
		}
	}
	return ocs.Object{"users": ids}, nil
}

func memberIDs(members []directory.Account) []string {
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.UserID
	}
	return ids
}
