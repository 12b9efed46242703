package conversation_test

import (
	"testing"

	"parley/internal/talktest"
)

// configure stores a setting of the server.
func configure(r *talktest.Server, key, value string) {
	r.As("admin").Post("/apps/provisioning_api/api/v1/config/apps/spreed/"+key, talktest.P{"value": value}).OK()
}

// callConfig is what the capabilities say about calls.
func callConfig(c *talktest.Client) map[string]any {
	type capabilities struct {
		Capabilities struct {
			Spreed struct {
				Config struct{ Call map[string]any }
			}
		}
	}
	return talktest.Decode[capabilities](c.Get("/cloud/capabilities").OK()).Capabilities.Spreed.Config.Call
}

func newGroup(c *talktest.Client, params ...talktest.P) string {
	return c.Post("v4/room", append([]talktest.P{{"roomType": 2, "roomName": "Room"}}, params...)...).Created().Text("token")
}

// talk returns the config that the capabilities announce.
func talk(t *testing.T, c *talktest.Client) map[string]any {
	t.Helper()
	type document struct {
		Capabilities struct {
			Spreed *struct {
				Config map[string]any
			}
		}
	}
	d := talktest.Decode[document](c.Get("/cloud/capabilities").OK())
	if d.Capabilities.Spreed == nil {
		return nil
	}
	return d.Capabilities.Spreed.Config
}
