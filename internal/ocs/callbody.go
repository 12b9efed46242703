package ocs

import (
	"io"
	"net/http"
	"time"
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
func (c *Call) readBody() {
	if c.bodyRead {
		return
	}
	c.bodyRead = true
	if c.Request.Body == nil || c.Request.Body == http.NoBody {
		return
	}
	if c.row.Handler.raw {
		c.Request.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(c.Request.Body, &c.raw), c.Request.Body}
	}
	start := c.api.cases.Now()
	limit := int64(maxBody)
	if c.row.Handler.upload != "" && mediaType(c.Request.Header.Get("Content-Type")) == multipartForm {
		limit, c.body.of = maxUpload, c.api.uploads
	}
	c.bodyErr = c.params.readBody(c.Request, limit, &c.body)
	if c.api.cases.Now().Sub(start) > staleAfter {
		c.Identity = c.Identity.Again()
	}
}
