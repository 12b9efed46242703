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
	// Version is another one for another content, "" for none, Cache how long clients keep it.
	Version, Cache string
}

// serve answers a request with the file.
func (f File) serve(w http.ResponseWriter, r *http.Request, status int) {
	setFixedHeaders(w.Header())
	w.Header().Set("Content-Type", f.Type)
	if f.Name != "" {
		w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if f.Cache != "" {
		w.Header().Set("Cache-Control", f.Cache)
	}
	// What is opened by itself, such as a drawing that has words of people in it, can do nothing.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	if f.Version != "" {
		tag := strconv.Quote(f.Version)
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(StatusNotModified)
			return
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(f.Content)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(f.Content) // a client that is gone needs no answer
	}
}
