package api_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"parley/internal/talktest"
)

var wildcard = regexp.MustCompile(`\{[a-zA-Z]+\}`)

// fill replaces the wildcards of a path by values, the one at bad by value.
func fill(path string, known map[string]string, bad int, value string) string {
	i := -1
	return wildcard.ReplaceAllStringFunc(path, func(name string) string {
		if i++; i == bad {
			return value
		}
		if plain, ok := known[strings.Trim(name, "{}")]; ok {
			return plain
		}
		return "1"
	})
}

// onBoth runs f with a server on each database, a conversation of its admin, and
// what stands for the wildcards of paths.
func onBoth(t *testing.T, f func(*testing.T, *talktest.Server, map[string]string)) {
	for _, database := range talktest.Databases() {
		t.Run(database.Name, func(t *testing.T) {
			t.Parallel()
			s := talktest.Start(t, talktest.On(database.URL(t)))
			s.As("mia")
			token := s.As("admin").Post("v4/room", talktest.P{"roomType": 3, "roomName": "r"}).Created().Text("token")
			f(t, s, map[string]string{"token": token, "user": "mia", "group": "admin", "mode": "call", "pin": "1234567"})
		})
	}
}

// What is no text names nothing, wherever it stands in a path.
func TestBadTextInPaths(t *testing.T) {
	onBoth(t, func(t *testing.T, s *talktest.Server, known map[string]string) {
		admin, tried := s.As("admin"), 0
		for _, row := range rows() {
			for i := range wildcard.FindAllString(row.FullPath(), -1) {
				for _, value := range []string{"%00", "mia%00", "%ff", "a%c3", "%ed%a0%bd", "%C0%80", "\xff"} {
					reply := admin.Raw(row.Method, "/ocs/v2.php"+fill(row.FullPath(), known, i, value), asClient)
					if reply.Status != http.StatusNotFound {
						t.Errorf("%s %s with %q: %d %s", row.Method, row.FullPath(), value, reply.Status, reply.Body)
					}
					tried++
				}
			}
		}
		if tried < 500 {
			t.Errorf("only %d paths", tried)
		}
	})
}

func asClient(r *http.Request) {
	r.Header.Set("OCS-APIRequest", "true")
	r.Header.Set("Accept", "application/json")
}

// badTexts are values that no database takes, as JSON and as a part of a form.
var badTexts = map[string]string{
	`"x\u0000y"`: "x%00y", `["x\u0000"]`: "%ff", `{"a\u0000":["b"],"users":["c\u0000"]}`: "%ed%a0%bd",
}

// Whatever parameter of whatever route has what is no text, it is the client's
// failure: never the server's.
func TestBadTextInParameters(t *testing.T) {
	onBoth(t, func(t *testing.T, s *talktest.Server, known map[string]string) {
		admin := s.As("admin")
		for _, row := range rows() {
			path := "/ocs/v2.php" + fill(row.FullPath(), known, -1, "")
			for _, name := range row.Handler.Params() {
				for inJSONText, inFormText := range badTexts {
					key, err := json.Marshal(name)
					if err != nil {
						t.Fatal(err)
					}
					for _, change := range []func(*http.Request){
						inJSON(`{` + string(key) + `:` + inJSONText + `}`),
						inForm(url.QueryEscape(name) + "=" + inFormText),
						inForm(url.QueryEscape(name) + "[" + inFormText + "][]=" + inFormText),
						queried(url.QueryEscape(name) + "=" + inFormText),
					} {
						reply := admin.Raw(row.Method, path, asClient, change)
						if reply.Status >= http.StatusInternalServerError && reply.Status != http.StatusNotImplemented {
							t.Errorf("%s %s, %s is %s: %d %s", row.Method, row.FullPath(), name, inJSONText, reply.Status, reply.Body)
						}
					}
				}
			}
		}
	})
}

// Nor has the name of a client to be text.
func TestBadTextInHeaders(t *testing.T) {
	onBoth(t, func(t *testing.T, s *talktest.Server, known map[string]string) {
		for _, header := range []string{"User-Agent", "Accept-Language", "X-Requested-With", "Referer", "Cookie", "X-Forwarded-For"} {
			bad := talktest.Header(header, "Mozilla\xff\xed\xa0\xbd")
			for _, path := range []string{"/core/getapppassword", "/cloud/user", "/apps/spreed/api/v4/room/" + known["token"]} {
				password := func(r *http.Request) { r.SetBasicAuth("mia", talktest.PasswordOf("mia")) }
				if reply := s.Anonymous().Raw("GET", "/ocs/v2.php"+path, asClient, password, bad); reply.Status != http.StatusOK {
					t.Errorf("%s, %s: %d %s", header, path, reply.Status, reply.Body)
				}
			}
		}
	})
}

// Half of a character is no text, wherever it stands in a body.
func TestHalfACharacterChangesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, s *talktest.Server, known map[string]string) {
		admin, path := s.As("admin"), "/apps/spreed/api/v4/room/"+known["token"]
		half := []string{
			`{"roomName":"x\ud83d"}`, `{"roomName":"\udE00x"}`, `{"roomName":"\ud83d\ud83d"}`, `{"roomName":"\ude00\ud83d"}`,
			`{"roomName":"\ud83dx\ude00"}`, `{"roomName":"\uD83D\n"}`, `{"roomName":"ok","other":"\ud83d"}`, `{"roomName":"ok","\ud83d":1}`,
			`{"roomName":"ok","a":{"b":[1,["\ud83d"]]}}`, `{"roomName":"ok","a":[{"\udfff":null}]}`, `{"roomName":"ok\\\ud83d"}`,
		}
		for _, body := range half {
			admin.Raw("PUT", "/ocs/v2.php"+path, asClient, inJSON(body)).Open().Fails(http.StatusBadRequest, "body")
			admin.Raw("PUT", "/ocs/v2.php"+path+"/description", asClient,
				inJSON(strings.ReplaceAll(body, "roomName", "description"))).Open().Fails(http.StatusBadRequest, "body")
		}
		for _, text := range []string{"x%ed%a0%bd", "%ff", "x%c3"} {
			admin.Raw("PUT", "/ocs/v2.php"+path, asClient, inForm("roomName="+text)).Open().Fails(http.StatusBadRequest, "roomName")
			admin.Raw("PUT", "/ocs/v2.php"+path+"?roomName="+text, asClient).Open().Fails(http.StatusBadRequest, "roomName")
		}
		room := admin.Get(path).OK()
		if room.Text("name") != "r" || room.Text("description") != "" {
			t.Errorf("name %q, description %q", room.Text("name"), room.Text("description"))
		}
		whole := map[string]string{`x\ud83d\ude00`: "x😀", `\\ud83d`: `\ud83d`, `\uD83D\uDE00\uD83D\uDE00`: "😀😀", `\u00e4\ufffd`: "ä\ufffd"}
		for body, want := range whole {
			admin.Raw("PUT", "/ocs/v2.php"+path, asClient, inJSON(`{"roomName":"`+body+`"}`)).Open().OK()
			if name := admin.Get(path).OK().Text("name"); name != want {
				t.Errorf("%s: name %q", body, name)
			}
		}
	})
}

func inJSON(text string) func(*http.Request) { return talktest.Body("application/json", text) }

func inForm(text string) func(*http.Request) {
	return talktest.Body("application/x-www-form-urlencoded", text)
}

func queried(query string) func(*http.Request) {
	return func(r *http.Request) { r.URL.RawQuery = query }
}
