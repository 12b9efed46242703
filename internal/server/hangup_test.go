package server_test

import (
	"bufio"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"parley/internal/talktest"
)

// rawly sends text as it is, ends what it says if that is all, and returns the answer.
func rawly(t *testing.T, url, text string, ends bool) (status int, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// Sooner than the server gives up a body, so that an answer did not wait for one.
	if err := conn.SetDeadline(time.Now().Add(15 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	if half, ok := conn.(*net.TCPConn); ok && ends {
		if err := half.CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("no answer to %.60q: %v", text, err)
	}
	defer reply.Body.Close()
	content, err := io.ReadAll(reply.Body)
	if err != nil {
		t.Errorf("half an answer to %.60q: %v", text, err)
	}
	return reply.StatusCode, string(content)
}

const (
	common  = " HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\nContent-Type: application/json\r\n"
	proof   = "OCS-APIRequest: true\r\n"
	sized   = "Content-Length: 500000\r\n\r\n"
	chunked = "Transfer-Encoding: chunked\r\n\r\n"
)

func as(user, password string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password)) + "\r\n"
}

// What the sender of a body did wrong is told to the sender, and is no failure that
// an operator has to look at.
func TestBrokenBodiesAreTheSenders(t *testing.T) {
	cfg := settings(t)
	cfg.Admin = "admin:A-Password-123"
	srv := start(t, cfg)
	admin := proof + as("admin", "A-Password-123")
	kinds := map[string]int{}
	for _, entry := range []string{"/ocs/v1.php", "/ocs/v2.php"} {
		create := "POST " + entry + "/apps/spreed/api/v4/room" + common + admin
		for name, test := range map[string]struct {
			rest, kind string
			code       int
		}{
			"hang-up":            {sized + `{"roomType":2`, `kind=gone`, 400},
			"hang-up in a chunk": {chunked + "ff\r\n{", `kind=gone`, 400},
			"hang-up after one":  {chunked + "2\r\n{}\r\n", `kind=gone`, 400},
			"bad chunk":          {chunked + "zz\r\n{}\r\n0\r\n\r\n", `kind="invalid: body"`, 400},
			"chunk too long":     {chunked + "2\r\n{}}\r\n0\r\n\r\n", `kind="invalid: body"`, 400},
			"too much":           {"Content-Length: 1048577\r\n\r\n", `kind="body too large"`, 413},
		} {
			kinds[test.kind]++
			if _, body := rawly(t, srv.url, create+test.rest, true); !strings.Contains(body, `"statuscode":`+strconv.Itoa(test.code)) {
				t.Errorf("%s, %s: %s", entry, name, body)
			}
		}
	}
	if err := srv.stop(); err != nil {
		t.Error(err)
	}
	log := srv.log.String()
	for kind, n := range kinds {
		if got := strings.Count(log, kind); got != n {
			t.Errorf("%d lines with %s, want %d:\n%s", got, kind, n, log)
		}
	}
	if strings.Contains(log, "level=ERROR") || strings.Contains(log, "level=WARN") {
		t.Errorf("a failure of the server in the log:\n%s", log)
	}
}

// Who is turned away learns that without having sent the body.
func TestRefusalsDoNotWaitForTheBody(t *testing.T) {
	srv := talktest.Start(t, talktest.BruteForce)
	srv.As("mia")
	mia := as("mia", talktest.PasswordOf("mia"))
	for range 11 {
		srv.Guest().Get("v4/room/nosuchroom")
	}
	api := "/ocs/v2.php/apps/spreed/api"
	for _, rest := range []string{sized, sized + "{", chunked, chunked + "fffff\r\n{", "Content-Length: 3\r\n\r\n"} {
		for request, want := range map[string]int{
			"POST /ocs/v2.php/nothing/here" + common + proof:                           404,
			"POST /ocs/v2.php/%00" + common + proof:                                    404,
			"POST /elsewhere" + common:                                                 404,
			"POST /status.php" + common:                                                405,
			"GET /status.php" + common:                                                 200,
			"GET /openapi.json" + common:                                               200,
			"PATCH " + api + "/v4/room" + common + proof:                               405,
			"POST " + api + "/v4/room" + common + proof:                                401,
			"POST " + api + "/v4/room" + common + proof + as("mia", "wrong"):           401,
			"POST " + api + "/v4/room" + common + mia:                                  412,
			"POST " + api + "/v4/room/nosuchroom/participants/active" + common + proof: 429,
			"POST /ocs/v2.php/cloud/users" + common + proof + mia:                      403,
		} {
			if status, body := rawly(t, srv.URL, request+rest, false); status != want {
				t.Errorf("%q: %d %s, want %d", request, status, body, want)
			}
		}
	}
}
