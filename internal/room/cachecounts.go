package room

import "parley/internal/memo"

// CacheCounts tells how the caches are used, by their names.
func (a *Service) CacheCounts() map[string]memo.Counts {
	m := &a.memory
	return map[string]memo.Counts{
		"conversations": m.states.Counts(), "visits": m.visits.Counts(), "answers": m.answers.Counts(),
		"lists": m.lists.Counts(), "guards": m.expected.Counts(), "cookies": m.shown.Counts(),
	}
}
