package signal

import "parley/internal/ocs"

// rows are the routes, one per endpoint and form of its parameters.
func (a *API) rows() []ocs.Route {
	return []ocs.Route{}
}
