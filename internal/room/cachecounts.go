package room

import "parley/internal/cache"

// CacheCounts tells how the caches are used, by their names.
func (svc *Service) CacheCounts() map[string]cache.Counts {
	m := &svc.cache
	return map[string]cache.Counts{
		"conversations": m.states.Counts(), "visits": m.facts.Counts(), "answers": m.answers.Counts(),
		"lists": m.lists.Counts(), "guards": m.expected.Counts(), "cookies": m.shown.Counts(),
	}
}
