package obs

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func TestBuild(t *testing.T) {
	vcs := []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef0123"}, {Key: "vcs.time", Value: "2030-01-02T03:04:05Z"},
		{Key: "vcs.modified", Value: "true"}, {Key: "GOOS", Value: "linux"},
	}
	goes := " (" + runtime.Version() + ")"
	for want, c := range map[string]struct {
		info              debug.BuildInfo
		version, revision string
	}{
		"(devel)": {},
		"v1.2.3":  {debug.BuildInfo{Main: debug.Module{Version: "v0.9.0"}}, "v1.2.3", ""},
		"v0.9.0":  {debug.BuildInfo{Main: debug.Module{Version: "v0.9.0"}}, "", ""},
		"v1.2.3 0123456789ab of 2030-01-02T03:04:05Z with changes": {debug.BuildInfo{Settings: vcs}, "v1.2.3", ""},
		"v1.2.3 0123":         {debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "0123"}}}, "v1.2.3", ""},
		"v1.2.3 fedcba987654": {debug.BuildInfo{}, "v1.2.3", "fedcba9876543210"},
	} {
		if got := newBuild(&c.info, c.version, c.revision).String(); got != want+goes {
			t.Errorf("got %q, want %q", got, want+goes)
		}
	}
}

func TestBuildMetric(t *testing.T) {
	registry := prometheus.NewRegistry()
	RegisterBuild(registry, Build{Version: "v1", Revision: "abc", Go: "go1"})
	families, err := registry.Gather()
	if err != nil || len(families) != 1 || families[0].GetName() != "parley_build_info" {
		t.Fatalf("%v, %v", families, err)
	}
	metric, labels := families[0].GetMetric()[0], map[string]string{}
	for _, pair := range metric.GetLabel() {
		labels[pair.GetName()] = pair.GetValue()
	}
	if metric.GetGauge().GetValue() != 1 || labels["version"] != "v1" || labels["revision"] != "abc" || labels["go"] != "go1" {
		t.Errorf("%v", families[0])
	}
}
