package auth

import "parley/internal/cache"

// CacheCounts tells how the caches are used, by their names.
func (s *Service) CacheCounts() map[string]cache.Counts {
	return map[string]cache.Counts{"credentials": s.recent.Counts(), "networks": s.protection.innocent.Counts()}
}
