package conversation

import "parley/internal/ocs"

// Rows are the routes of this package, one per API version.
func Rows() []*ocs.Route { return ocs.Expand(New(nil, nil, nil, nil, nil).Table().Rows) }
