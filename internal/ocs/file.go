package ocs

import (
	"mime"
	"net/http"
	"strconv"
)

// File is the data of an answer that is a file by itself, without an envelope.
type File struct {
	// Name is what the client shall call it, "" for nothing in particular.
	Name string
	// Type is its media type.
	Type    string
	Content []byte
}

// serve answers a request with the file.
func (f File) serve(w http.ResponseWriter, r *http.Request, status int) {
	setFixedHeaders(w.Header())
	w.Header().Set("Content-Type", f.Type)
	if f.Name != "" {
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(f.Content)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(f.Content) // a client that is gone needs no answer
	}
}
