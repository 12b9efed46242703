package signal

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"parley/internal/outbound"
	"parley/internal/settings"
	"parley/internal/talk"
)

// checkTimeout is how long a signaling server may take to answer.
const checkTimeout = 10 * time.Second

// maxSkew is by how much the clocks of two servers may differ.
const maxSkew = 45 * time.Second

// neededFeatures are those without which clients miss something.
var neededFeatures = []string{"audio-video-permissions", "incall-all", "hello-v2", "switchto"}

// Check asks a signaling server who it is and whether it takes what this server tells it, and
// returns what is wrong and what to do about it, nothing if all is well. address is where people
// reach this server, now its time.
func Check(ctx context.Context, to settings.Signaling, address string, now time.Time) (problems []string) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	server := to.Servers[0]
	client := outbound.NewTrusting(server.Verify)
	answer, err := client.Get(ctx, endpoint(server.URL, "/api/v1/welcome"))
	if err != nil {
		return []string{fmt.Sprintf("it does not answer (%v): is it running, and is the address right?", err)}
	}
	var welcome struct {
		Name string `json:"nextcloud-spreed-signaling"`
	}
	if !answer.Accepted() || json.Unmarshal(answer.Body, &welcome) != nil || welcome.Name == "" {
		return []string{fmt.Sprintf("what answers there (status %d) is no signaling server: is the address right, and does a proxy in front of it pass /api on?", answer.Status)}
	}
	problems = append(problems, missingFeatures(answer.Header.Get("X-Spreed-Signaling-Features"))...)
	if at, err := time.Parse(time.RFC1123, answer.Header.Get("Date")); err == nil && now.Sub(at).Abs() > maxSkew {
		problems = append(problems, fmt.Sprintf("its clock differs by %v: tokens of clients would be refused", now.Sub(at).Abs().Round(time.Second)))
	}
	return append(problems, checkSecret(ctx, client, to, address)...)
}

func missingFeatures(header string) []string {
	have := map[string]bool{}
	for name := range strings.SplitSeq(header, ",") {
		have[strings.TrimSpace(name)] = true
	}
	var missing []string
	for _, name := range neededFeatures {
		if !have[name] {
			missing = append(missing, name)
		}
	}
	if missing == nil {
		return nil
	}
	return []string{"it lacks " + strings.Join(missing, ", ") + ": install a newer version"}
}

// checkSecret tells the server of a conversation that there is not, as of one that there is.
func checkSecret(ctx context.Context, client *outbound.Client, to settings.Signaling, address string) []string {
	if address == "" {
		return []string{"whether it takes what parley tells it cannot be tried: set --url, which it knows parley by"}
	}
	nowhere := talk.Room{Name: "parley-check"}
	properties := nowhere.SignalingProperties()
	properties["description"] = ""
	body, err := json.Marshal(map[string]any{"type": tellUpdate, tellUpdate: map[string]any{"userids": []string{}, "properties": properties}})
	if err != nil {
		return []string{err.Error()}
	}
	svc := Service{address: address, client: func(bool) *outbound.Client { return client }}
	answer, err := svc.send(ctx, &to, nowhere.Name, body)
	switch {
	case err != nil:
		return []string{fmt.Sprintf("it does not take what parley tells it: %v", err)}
	case answer.Refused():
		return []string{"it refuses what parley tells it: its secret is another one, or " + address + " is not among its backends"}
	case !answer.Accepted():
		return []string{fmt.Sprintf("it answers what parley tells it with status %d", answer.Status)}
	}
	return nil
}
