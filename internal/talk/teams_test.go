package talk_test

import (
	"testing"

	"parley/internal/talk"
)

func TestSourceType(t *testing.T) {
	for _, c := range []struct {
		source string
		legacy bool
		want   talk.ActorType
	}{
		{"teams", false, talk.ActorTeams}, {"circles", false, talk.ActorTeams}, {"circles", true, talk.ActorTeams},
		{"teams", true, "teams"}, {"users", false, talk.ActorUsers}, {"", false, ""},
	} {
		if got := talk.SourceType(c.source, c.legacy); got != c.want {
			t.Errorf("SourceType(%q, %v) = %q, want %q", c.source, c.legacy, got, c.want)
		}
	}
}
