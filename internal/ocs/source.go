package ocs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
)

// source is the body of a request on its way into memory: it ends behind a
// number of bytes, takes from the budget what arrives, and remembers why it
// failed, because parsers hide that.
type source struct {
	from  io.Reader
	ctx   context.Context
	share *share
	// size is the length that was announced, -1 for none.
	size int64
	// left is how many bytes may still come.
	left int64
	err  error
}

func newSource(r *http.Request, limit int64, s *share) *source {
	return &source{from: r.Body, ctx: r.Context(), share: s, size: r.ContentLength, left: limit}
}

// Read implements io.Reader. Failures other than the end are errBodyTooLarge,
// errBusy and those of [bodyFailure].
func (s *source) Read(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	// One byte more tells an excess from an end.
	if int64(len(p)) > s.left+1 {
		p = p[:s.left+1]
	}
	n, err := s.from.Read(p)
	s.left -= int64(n)
	switch {
	case s.left < 0:
		s.err = errBodyTooLarge
	case errors.Is(err, io.EOF):
		return n, io.EOF
	case err != nil:
		s.err = bodyFailure(err)
	default:
		s.err = s.share.grow(s.ctx, int64(n))
	}
	return n, s.err
}

// make asks for the right to make values of a weight.
func (s *source) make(weight int) error {
	if s.err == nil {
		s.err = s.share.make(s.ctx, int64(weight))
	}
	return s.err
}

// all reads the rest. The memory grows with what arrives, not with what was
// announced.
func (s *source) all() ([]byte, error) {
	const first = 4 << 10
	size := int64(first)
	if s.size >= 0 {
		size = min(size, s.size+1) // room to meet the end
	}
	body := make([]byte, 0, size)
	for {
		n, err := s.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if errors.Is(err, io.EOF) {
			return body, nil
		}
		if err != nil {
			return nil, err
		}
		if len(body) == cap(body) {
			size := 2 * cap(body)
			if s.size >= int64(len(body)) {
				size = min(size, int(s.size)+1)
			}
			body = append(make([]byte, 0, size), body...)
		}
	}
}

// errBodyGarbled says that a body is not framed as HTTP wants it.
var errBodyGarbled = errors.New("request body garbled")

// bodyFailure tells whose failure it is that a body did not arrive: always that
// of the sender, who hung up, fell silent or wrote what is no HTTP.
func bodyFailure(err error) error {
	kind := errBodyGarbled
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		kind = errBodyStalled
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, context.Canceled),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		kind = errBodyGone
	}
	return fmt.Errorf("%w: %w", kind, err)
}
