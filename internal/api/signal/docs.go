package signal

import "parley/internal/ocs"

// docs describe the operations, by the names of their handlers.
func docs() map[string]ocs.Doc { return map[string]ocs.Doc{} }
