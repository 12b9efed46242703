package config

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

// File is the path of a TOML file with settings. Its keys are the names of the flags;
// a list may be written as an array, and on or off as a boolean.
type File string

// BeforeResolve reads the file and hands its values to kong. It is called by kong.
func (File) BeforeResolve(ctx *kong.Context, trace *kong.Path) error {
	// kong also calls the hook for the flags of commands that were not chosen.
	if !slices.Contains(ctx.Flags(), trace.Flag) {
		return nil
	}
	path, _ := ctx.FlagValue(trace.Flag).(File)
	if path == "" {
		return nil
	}
	resolver, err := readFile(string(path))
	if err != nil {
		return err
	}
	ctx.AddResolver(resolver)
	return nil
}

// resolver gives kong the values of a settings file.
type resolver struct {
	values map[string]string
	// known has the flag of Config for each key, to tell it from a flag of a
	// command that happens to have the same name.
	known map[string]*kong.Flag
}

// readFile reads and checks the settings in the file at path.
func readFile(path string) (*resolver, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the settings: %w", err)
	}
	var raw map[string]any
	if err := toml.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	known, err := flags()
	if err != nil {
		return nil, err
	}
	r := &resolver{values: make(map[string]string, len(raw)), known: known}
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		if known[key] == nil {
			return nil, fmt.Errorf("%s: unknown key %q; remove it or use one of %s", path, key, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		value, ok := settingText(raw[key])
		if !ok {
			return nil, fmt.Errorf("%s: the value of %q must be a text in quotes, a whole number or a list of texts", path, key)
		}
		r.values[key] = value
	}
	return r, nil
}

// Validate implements [kong.Resolver]; the file was checked when it was read.
func (*resolver) Validate(*kong.Application) error { return nil }

// Resolve implements [kong.Resolver]. The environment wins over the file, and kong
// does not ask for flags that were given.
func (r *resolver) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	value, ok := r.values[flag.Name]
	if !ok || !slices.Equal(flag.Tag.Envs, r.known[flag.Name].Tag.Envs) {
		return nil, nil
	}
	for _, name := range flag.Tag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil
		}
	}
	return value, nil
}

// flags returns the flags of Config that a file may set, by name.
func flags() (map[string]*kong.Flag, error) {
	app, err := kong.New(&Config{}, kong.NoDefaultHelp())
	if err != nil {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	known := make(map[string]*kong.Flag)
	for _, flag := range app.Model.Flags {
		if flag.Name != "config" {
			known[flag.Name] = flag
		}
	}
	return known, nil
}

// settingText returns a TOML value as it would be written in a flag.
func settingText(value any) (text string, ok bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		if v {
			return "on", true
		}
		return "off", true
	case int64:
		return strconv.FormatInt(v, 10), true
	case []any:
		return listText(v)
	}
	return "", false
}

// listText joins a TOML array of texts with commas.
func listText(list []any) (text string, ok bool) {
	texts := make([]string, len(list))
	for i, entry := range list {
		if texts[i], ok = entry.(string); !ok {
			return "", false
		}
	}
	return strings.Join(texts, ","), true
}
