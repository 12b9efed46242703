package avatar_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"parley/internal/talktest"
)

type p = talktest.P

func square(side int, c color.Color) []byte {
	m := image.NewNRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			m.Set(x, y, c)
		}
	}
	var out bytes.Buffer
	_ = png.Encode(&out, m) // a buffer takes everything
	return out.Bytes()
}

// upload puts a file into a form.
func upload(field string, content []byte) func(*http.Request) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename="../../a.svg"`, field)}, "Content-Type": {"image/svg+xml"},
	})
	_, _ = part.Write(content)
	_ = form.Close()
	return func(r *http.Request) {
		talktest.Body(form.FormDataContentType(), body.String())(r)
		r.Header.Set("OCS-APIRequest", "true")
		r.Header.Set("Accept", "application/json")
	}
}

const api = "/ocs/v2.php/apps/spreed/api/v1/room/"

// TestPictureOfConversation: moderators give one and take it away; whoever is in it sees it.
func TestPictureOfConversation(t *testing.T) {
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			s := talktest.Start(t, talktest.On(d.URL(t)))
			alice, bob := s.As("alice"), s.As("bob")
			token := alice.Post("v4/room", p{"roomType": 3, "roomName": "Team"}).Created().Text("token")
			alice.Post("v4/room/"+token+"/participants", p{"newParticipant": "bob", "source": "users"}).OK()
			version := func() string { return bob.Get("v4/room/" + token).OK().Text("avatarVersion") }
			get := func(c *talktest.Client, more ...func(*http.Request)) *talktest.Reply {
				return c.Raw("GET", api+token+"/avatar", more...)
			}
			first := version()
			drawing := get(bob).OK()
			if drawing.Header.Get("Content-Type") != "image/svg+xml" || drawing.Header.Get("X-Content-Type-Options") != "nosniff" ||
				!strings.Contains(drawing.Header.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("the drawing comes with %v", drawing.Header)
			}
			get(bob, talktest.Header("If-None-Match", drawing.Header.Get("ETag"))).Expect(http.StatusNotModified)
			r := alice.Raw("POST", api+token+"/avatar", upload("file", square(700, color.NRGBA{200, 10, 10, 255}))).Open().OK()
			if r.Object()["isCustomAvatar"] != true || version() == first {
				t.Errorf("it is %v", r.Object())
			}
			photo := get(bob).OK()
			config, format, err := image.DecodeConfig(bytes.NewReader(photo.Body))
			if err != nil || config.Width != 512 || format != "jpeg" || photo.Header.Get("Content-Type") != "image/jpeg" {
				t.Errorf("the picture is %s %+v, %v", format, config, err)
			}
			second := version()
			alice.Post("v1/room/"+token+"/avatar/emoji", p{"emoji": "🎉"}).OK()
			if get(bob).OK().Header.Get("Content-Type") != "image/svg+xml" || version() == second {
				t.Error("the emoji is not there")
			}
			alice.Delete("v1/room/" + token + "/avatar").OK()
			alice.Delete("v1/room/" + token + "/avatar").OK()
			if bob.Get("v4/room/" + token).Object()["isCustomAvatar"] != false {
				t.Error("it is still there")
			}
			keys := ""
			for _, m := range bob.Get("v1/chat/"+token, p{"lookIntoFuture": 0, "limit": 4}).OK().List() {
				keys += m.Text("systemMessage") + " "
			}
			if keys != "avatar_removed avatar_set avatar_set user_added " {
				t.Errorf("said was %s", keys)
			}

			bob.Post("v1/room/"+token+"/avatar/emoji", p{"emoji": "🎉"}).Expect(http.StatusForbidden)
			bob.Raw("POST", api+token+"/avatar", upload("file", square(8, color.Black))).Expect(http.StatusForbidden)
			get(s.As("eve")).Expect(http.StatusNotFound)
			get(s.Anonymous()).Expect(http.StatusNotFound)
			for name, r := range map[string]*talktest.Reply{
				"nothing":        alice.Raw("POST", api+token+"/avatar", upload("other", square(8, color.Black))),
				"an SVG":         alice.Raw("POST", api+token+"/avatar", upload("file", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>"))),
				"a wrong emoji":  alice.Post("v1/room/"+token+"/avatar/emoji", p{"emoji": "ab"}),
				"a wrong colour": alice.Post("v1/room/"+token+"/avatar/emoji", p{"emoji": "🎉", "color": "red"}),
			} {
				if r.Open().Expect(http.StatusBadRequest).Text("message") == "" {
					t.Errorf("%s: %s", name, r.Body)
				}
			}
		})
	}
}

// TestPictureOfPerson: everybody has one, by their own upload or by their initials, and a
// one-to-one shows that of the other one.
func TestPictureOfPerson(t *testing.T) {
	for _, d := range talktest.Databases() {
		t.Run(d.Name, func(t *testing.T) {
			s := talktest.Start(t, talktest.On(d.URL(t)))
			alice, anybody := s.As("alice"), s.Anonymous()
			s.As("bob")
			get := func(path string, more ...func(*http.Request)) *talktest.Reply {
				return anybody.Raw("GET", path, more...)
			}
			side := func(r *talktest.Reply) int {
				t.Helper()
				config, _, err := image.DecodeConfig(bytes.NewReader(r.Body))
				if err != nil {
					t.Fatal(err)
				}
				return config.Width
			}
			for size, want := range map[string]int{"64": 64, "1": 64, "0": 64, "-5": 64, "x": 64, "65": 512, "512": 512, "99999999999999999999": 512, "64/dark": 64} {
				r := get("/avatar/alice/" + size).OK()
				if side(r) != want || r.Header.Get("X-NC-IsCustomAvatar") != "0" {
					t.Errorf("%s: %d", size, side(r))
				}
			}
			drawn := get("/index.php/avatar/alice/64").OK()
			get("/avatar/alice/64", talktest.Header("If-None-Match", drawn.Header.Get("ETag"))).Expect(http.StatusNotModified)
			alice.Raw("POST", "/ocs/v2.php/apps/spreed/temp-user-avatar", upload("files[]", square(300, color.NRGBA{10, 200, 10, 255}))).OK()
			custom := get("/avatar/alice/64").OK()
			if side(custom) != 64 || custom.Header.Get("X-NC-IsCustomAvatar") != "1" || custom.Header.Get("ETag") == drawn.Header.Get("ETag") {
				t.Errorf("the upload is %v", custom.Header)
			}
			if large := get("/avatar/alice/512").OK(); side(large) != 300 {
				t.Errorf("it was drawn larger: %d", side(large))
			}
			token := s.As("bob").Post("v4/room", p{"roomType": 1, "invite": "alice"}).Created().Text("token")
			if pair := s.As("bob").Raw("GET", api+token+"/avatar").OK(); pair.Header.Get("Content-Type") != "image/jpeg" {
				t.Errorf("the one-to-one shows %v", pair.Header)
			}
			alice.Delete("/apps/spreed/temp-user-avatar").OK()
			if get("/avatar/alice/64").OK().Header.Get("X-NC-IsCustomAvatar") != "0" {
				t.Error("it is still there")
			}
			get("/avatar/nobody/64").Expect(http.StatusNotFound)
			get("/avatar/nobody/64?guestFallback=true").Expect(http.StatusCreated)
			get("/avatar/guest/" + "Zoë%20%E2%80%AE%3Cscript%3E" + "/64").Expect(http.StatusCreated)
			for _, path := range []string{"/avatar/", "/avatar/alice", "/avatar/a/b/c/d", "/avatar/guest/x/64/light"} {
				get(path).Expect(http.StatusNotFound)
			}
			anybody.Raw("POST", "/ocs/v2.php/apps/spreed/temp-user-avatar", upload("files[]", square(8, color.Black))).Expect(http.StatusUnauthorized)
			// A picture goes with its account.
			alice.Raw("POST", "/ocs/v2.php/apps/spreed/temp-user-avatar", upload("files[]", square(300, color.Black))).OK()
			s.As("admin").Delete("/cloud/users/alice").OK()
			get("/avatar/alice/64").Expect(http.StatusNotFound)
		})
	}
}
