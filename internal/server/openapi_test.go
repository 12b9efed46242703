package server_test

import (
	"net/http"
	"testing"

	"parley/internal/talktest"
)

func TestOpenAPIDocument(t *testing.T) {
	anybody := talktest.Start(t).Anonymous()
	reply := anybody.Raw("GET", "/openapi.json").OK()
	document, err := talktest.ParseDocument(reply.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Check("GET", "/cloud/users", http.StatusUnauthorized,
		[]byte(`{"ocs":{"meta":{"status":"failure","statuscode":997,"message":"?"},"data":[]}}`)); err != nil {
		t.Error(err)
	}
	etag := reply.Header.Get("ETag")
	if reply.Header.Get("Content-Type") != "application/json" || etag == "" {
		t.Errorf("headers %v", reply.Header)
	}
	anybody.Raw("GET", "/openapi.json", talktest.Header("If-None-Match", etag)).Expect(http.StatusNotModified)
	anybody.Raw("POST", "/openapi.json").Expect(http.StatusMethodNotAllowed)
}
