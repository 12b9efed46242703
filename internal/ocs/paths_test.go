package ocs

import (
	"strings"
	"testing"
)

func TestSplitPath(t *testing.T) {
	tests := []struct {
		path    string
		version int
		rest    string
	}{
		{"/ocs/v2.php/apps/spreed/api/v4/room", 2, "/apps/spreed/api/v4/room"},
		{"/ocs/v1.php/cloud/capabilities", 1, "/cloud/capabilities"},
		{"/index.php/ocs/v2.php/cloud/user", 2, "/cloud/user"},
		{"//index.php///ocs//v2.php//apps/spreed/api/v1//chat/abcd/1", 2, "/apps/spreed/api/v1/chat/abcd/1"},
		{"/ocs/v2.php/apps/room/", 2, "/apps/room/"},
		{"/ocs/v2.php/apps/room//", 2, "/apps/room/"},
		{"/ocs/v2.php", 2, "/"},
		{"/ocs/v1.php/", 1, "/"},
		{"/ocs/v2.php/.well-known/a..b/...", 2, "/.well-known/a..b/..."},
		{"/ocs/v3.php/x", 0, ""},
		{"/ocs/v2.phpx", 0, ""},
		{"/ocs/v2", 0, ""},
		{"/OCS/v2.php/x", 0, ""},
		{"/index.php/index.php/ocs/v2.php/x", 0, ""},
		{"/index.phpocs/v2.php/x", 0, ""},
		{"/x/ocs/v2.php/x", 0, ""},
		{"ocs/v2.php/x", 0, ""},
		{"/", 0, ""},
		{"", 0, ""},
		{"/ocs/v2.php/./x", 0, ""},
		{"/ocs/v2.php/x/.", 0, ""},
		{"/ocs/v2.php/../v1.php/x", 0, ""},
		{"/ocs/v2.php/x/..", 0, ""},
		{"/..//ocs/v2.php/x", 0, ""},
	}
	for _, tt := range tests {
		version, rest, ok := splitPath(tt.path)
		if version != tt.version || rest != tt.rest || ok != (tt.version != 0) {
			t.Errorf("splitPath(%q) = %d, %q, %v; want %d, %q", tt.path, version, rest, ok, tt.version, tt.rest)
		}
	}
}

func TestSplitPathOfCleanPathDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { splitPath("/ocs/v2.php/apps/spreed/api/v4/room") }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func FuzzSplitPath(f *testing.F) {
	f.Add("/ocs/v2.php/apps//room/")
	f.Add("//index.php/ocs/v1.php/../x")
	f.Fuzz(func(t *testing.T, path string) {
		version, rest, ok := splitPath(path)
		if !ok {
			if version != 0 || rest != "" {
				t.Fatalf("refused, yet %d, %q", version, rest)
			}
			return
		}
		if version != 1 && version != 2 {
			t.Errorf("version %d", version)
		}
		if !strings.HasPrefix(rest, "/") || strings.Contains(rest, "//") || strings.Contains(rest+"/", "/../") || strings.Contains(rest+"/", "/./") {
			t.Errorf("rest %q", rest)
		}
		again, same, ok := splitPath("/ocs/v" + string(rune('0'+version)) + ".php" + rest)
		if again != version || same != rest || !ok {
			t.Errorf("%q is not stable: %d, %q, %v", rest, again, same, ok)
		}
	})
}

func TestValidToken(t *testing.T) {
	good := []string{"abcd", "0000", "z9z9z9z9", strings.Repeat("a", 30)}
	bad := []string{"", "abc", "ABCD", "abcD", "ab-d", "abc/", "abcé", "abc\n", "note-to-self", strings.Repeat("a", 31)}
	checkForm(t, "validToken", validToken, good, bad)
}

func TestValidPIN(t *testing.T) {
	good := []string{"1234567", "0000000", strings.Repeat("9", 32)}
	bad := []string{"", "123456", "123456a", "1234567 ", "-1234567", "١٢٣٤٥٦٧", strings.Repeat("9", 33)}
	checkForm(t, "validPIN", validPIN, good, bad)
}

func checkForm(t *testing.T, name string, valid func(string) bool, good, bad []string) {
	t.Helper()
	for _, s := range good {
		if !valid(s) {
			t.Errorf("%s(%q) = false", name, s)
		}
	}
	for _, s := range bad {
		if valid(s) {
			t.Errorf("%s(%q) = true", name, s)
		}
	}
}
