package auth

import "parley/internal/memo"

// CacheCounts tells how the caches are used, by their names.
func (s *Service) CacheCounts() map[string]memo.Counts {
	return map[string]memo.Counts{"credentials": s.recent.Counts(), "networks": s.protection.innocent.Counts()}
}
