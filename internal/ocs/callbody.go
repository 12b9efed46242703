package ocs

import (
	"net/http"
	"time"

	"parley/internal/app"
)

const (
	// maxBody is the largest request body, in bytes.
	maxBody = 1 << 20
	// maxUpload is the same for multipart bodies of routes that take a file.
	maxUpload = 12 << 20
	// staleAfter is how long a body may be on its way until what was remembered
	// when the request began is looked at anew.
	staleAfter = time.Second
)

// readBody takes the parameters of the body. That waits until somebody wants
// them, so that who is turned away makes nobody read.
func (c *call) readBody() {
	if c.bodyRead {
		return
	}
	c.bodyRead = true
	if c.r.Body == nil || c.r.Body == http.NoBody {
		return
	}
	start := c.app.Now()
	limit := int64(maxBody)
	if c.row.upload != "" && mediaType(c.r.Header.Get("Content-Type")) == multipartForm {
		limit, c.body.of = maxUpload, c.uploads
	}
	c.bodyErr = c.params.readBody(c.r, limit, &c.body)
	if c.app.Now().Sub(start) > staleAfter {
		c.r = c.r.WithContext(app.Request(c.r.Context()))
	}
}
