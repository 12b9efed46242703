package config_test

import (
	"net/netip"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"parley/internal/config"
)

// sample is the settings file of the package.
const sample = "../../packaging/parley.toml"

// The sample has every setting with a comment, all but the folder commented out, and
// works with all of them.
func TestSampleFile(t *testing.T) {
	text, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default()
	want.Config, want.Data = sample, "/var/lib/parley"
	shipped, err := parse(t, nil, "serve", "--config", sample)
	if diff := cmp.Diff(want, shipped.Serve.Config, cmpopts.EquateComparable(netip.Prefix{})); err != nil || diff != "" {
		t.Errorf("as it is shipped: %v\n%s", err, diff)
	}
	full := regexp.MustCompile(`(?m)^#([a-z])`).ReplaceAllString(string(text), "$1")
	path := file(t, full)
	all, err := parse(t, nil, "serve", "--config", path)
	if err != nil {
		t.Fatal(err)
	}
	if err := all.Serve.Validate(); err != nil {
		t.Error(err)
	}
	app, err := kong.New(&config.Config{}, kong.NoDefaultHelp())
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range app.Model.Flags {
		setting := regexp.MustCompile(`(?m)^#?` + flag.Name + ` = (.*)$`).FindStringSubmatch(string(text))
		switch {
		case flag.Name == "config":
		case setting == nil:
			t.Errorf("%s is not in it", flag.Name)
		case flag.HasDefault && flag.Name != "data" && strings.Trim(setting[1], `"`) != flag.Default:
			t.Errorf("%s is %s, but the default is %s", flag.Name, setting[1], flag.Default)
		}
	}
	for block := range strings.SplitSeq(full, "\n\n") {
		if !strings.HasPrefix(block, "#") {
			t.Errorf("no comment before %q", block)
		}
	}
}
