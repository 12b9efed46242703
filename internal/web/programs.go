package web

import (
	"encoding/json"
	"net/http"
	"strings"
)

// answerJSON answers a program.
func answerJSON(w http.ResponseWriter, status int, data any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache, no-store, must-revalidate")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(data) // a client that is gone needs no answer
}

// parameter is a value that a program sends in the query, a form or an object of JSON.
func parameter(r *http.Request, name string) string {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		var body map[string]any
		if json.NewDecoder(r.Body).Decode(&body) == nil {
			if text, ok := body[name].(string); ok {
				return text
			}
		}
		return r.URL.Query().Get(name)
	}
	return r.FormValue(name)
}
