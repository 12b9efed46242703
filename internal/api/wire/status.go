package wire

import (
	"parley/internal/ocs"
	"parley/internal/talk"
)

// StatusData is the status of a person beside other facts about them.
type StatusData struct {
	Status  string  `json:"status"`
	Icon    *string `json:"statusIcon"`
	Message *string `json:"statusMessage"`
	ClearAt *int64  `json:"statusClearAt"`
}

// NewStatusData returns nil for nil.
func NewStatusData(s *talk.Status) *StatusData {
	if s == nil {
		return nil
	}
	return &StatusData{string(s.Availability), ocs.Optional(s.Icon), ocs.Optional(s.Message), ocs.Optional(s.ClearAt)}
}
