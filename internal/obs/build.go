package obs

import (
	"cmp"
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
)

// version and revision are set by the linker, -X parley/internal/obs.version=v1.2.3, in
// builds that know them better than the Go toolchain.
var version, revision string

// Build says which program this is.
type Build struct {
	// Version is that of the linker, else of the Go toolchain, "(devel)" without either.
	Version string `json:"version"`
	// Revision is the commit that was built, "" where it is not known.
	Revision string `json:"revision"`
	// Time is when the commit was made, in the form of RFC 3339.
	Time string `json:"time"`
	// Modified tells that there were changes besides the commit.
	Modified bool `json:"modified"`
	// Go is the version of the Go toolchain.
	Go string `json:"go"`
}

// ReadBuild returns what this program was built from.
func ReadBuild() Build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return newBuild(info, version, revision)
}

// newBuild returns what the toolchain noted, but for what the linker was told.
func newBuild(info *debug.BuildInfo, version, revision string) Build {
	b := Build{Version: cmp.Or(version, info.Main.Version, "(devel)"), Go: runtime.Version()}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Revision = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Modified = s.Value == "true"
		}
	}
	b.Revision = cmp.Or(revision, b.Revision)
	return b
}

// String is the build in one line.
func (b Build) String() string {
	text := b.Version
	if b.Revision != "" {
		text += " " + b.Revision[:min(len(b.Revision), 12)]
	}
	if b.Time != "" {
		text += " of " + b.Time
	}
	if b.Modified {
		text += " with changes"
	}
	return text + " (" + b.Go + ")"
}

// RegisterBuild adds the metric that tells which program runs; its value is always 1.
func RegisterBuild(registry prometheus.Registerer, b Build) {
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name:        "parley_build_info",
		Help:        "The running program; the value is always 1.",
		ConstLabels: prometheus.Labels{"version": b.Version, "revision": b.Revision, "go": b.Go},
	}, func() float64 { return 1 }))
}
