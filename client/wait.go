package client

import (
	"context"
	"errors"
	"iter"
	"time"
)

// longestWait is how long the server lets one wait, in seconds.
const longestWait = 30

// Pauses of [Client.Messages] after failures that may pass: they double.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)

// Wait returns the messages after one as soon as there are any, and none when half a minute
// has passed, or when ctx ends with its error.
func (c *Client) Wait(ctx context.Context, token string, after int64) (Page, error) {
	return c.page(ctx, token, params{
		"lookIntoFuture": 1, "timeout": longestWait, "lastKnownMessageId": after, "setReadMarker": 0, "limit": 100,
	})
}

// Messages yields each message after one, for as long as ctx does not end. Failures that may
// pass, such as a server that starts again, are waited out; any other is yielded and ends
// it: the conversation is gone, the caller was removed or waits in the lobby.
func (c *Client) Messages(ctx context.Context, token string, after int64) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		pause := firstPause
		for {
			page, err := c.Wait(ctx, token, after)
			switch {
			case ctx.Err() != nil:
				return
			case err != nil && passes(err):
				if !sleep(ctx, max(pause, retryAfter(err))) {
					return
				}
				pause = min(2*pause, longestPause)
				continue
			case err != nil:
				yield(Message{}, err)
				return
			}
			pause = firstPause
			for _, m := range page.Messages {
				if after = max(after, m.ID); !yield(m, nil) {
					return
				}
			}
			after = max(after, page.Last)
		}
	}
}

// passes reports whether a failure may be over soon: those of the network, and some of the
// server's.
func passes(err error) bool {
	if _, ok := errors.AsType[networkError](err); ok {
		return true
	}
	refused, ok := errors.AsType[*Error](err)
	return ok && refused.Temporary()
}

func retryAfter(err error) time.Duration {
	if refused, ok := errors.AsType[*Error](err); ok {
		return refused.RetryAfter
	}
	return 0
}

// sleep waits, and reports false when ctx ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
