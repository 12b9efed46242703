package server

import (
	"context"
	"log/slog"
	"time"

	"parley/internal/api"
	"parley/internal/signaling"
)

// newHub returns what has the websockets of the clients.
func newHub(c *Core, address string, log *slog.Logger, now func() time.Time) *signaling.Hub {
	read := api.Relay(c.Services)
	return signaling.New(signaling.Options{
		Signal: c.Signal, Bus: c.Bus, Log: log, Now: now, Steady: time.Now, Network: c.Auth.Network,
		Chat: func(ctx context.Context, token string, after int64, wanted bool, limit int) (signaling.News, error) {
			all, newest, more, err := read(ctx, token, address, after, wanted, limit)
			news := signaling.News{Newest: newest, Partial: more}
			for i := range all {
				news.Messages = append(news.Messages, signaling.Message{Data: all[i].Data, Alike: all[i].Alike})
			}
			return news, err
		},
	})
}
