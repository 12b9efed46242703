package signal

import (
	"context"
	"encoding/json"
	"time"

	"parley/internal/db"
	"parley/internal/settings"
	"parley/internal/store"
	"parley/internal/talk"
)

// dialTimeout is how long a signaling server may take to have a telephone called.
const dialTimeout = 10 * time.Second

// Telephone is one that has to be called into a conversation.
type Telephone struct {
	Token  string
	Number string
	// Attendee is the number of its row, Actor who it is in the conversation.
	Attendee int64
	Actor    talk.Actor
	// Caller is who has it called.
	Caller talk.Actor
}

// Dial has a telephone called by the signaling server, and returns the id of the call. Failure:
// NotImplemented with a reason and a message, when there is no server, or none that calls.
func (svc *Service) Dial(ctx context.Context, phone Telephone) (string, error) {
	now, err := svc.settings.Now(ctx)
	if err != nil {
		return "", err
	}
	if !now.ExternalSignaling() {
		return "", refusedCall("not_configured", "There is no signaling server that could call.", nil)
	}
	options, err := svc.dialOptions(ctx, &phone, now)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(map[string]any{"type": "dialout", "dialout": map[string]any{"number": phone.Number, "options": options}})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	answer, err := svc.send(ctx, &now.Signaling, phone.Token, body)
	if err != nil {
		return "", refusedCall("unreachable", "The signaling server does not answer.", err)
	}
	var said struct {
		Dialout struct {
			CallID string `json:"callid"`
			Error  struct{ Code, Message string }
		}
	}
	if json.Unmarshal(answer.Body, &said) != nil || said.Dialout.CallID == "" && said.Dialout.Error.Code == "" {
		return "", refusedCall("unreachable", "The signaling server does not say whether it calls.", nil)
	}
	if e := said.Dialout.Error; e.Code != "" {
		return "", refusedCall(e.Code, e.Message, nil)
	}
	return said.Dialout.CallID, nil
}

// dialOptions say whom a telephone stands for and what it is told of who calls.
func (svc *Service) dialOptions(ctx context.Context, phone *Telephone, now *settings.Settings) (map[string]any, error) {
	options := map[string]any{"attendeeId": phone.Attendee, "actorType": string(phone.Actor.Type), "actorId": phone.Actor.ID}
	if now.DialoutAnonymous {
		options["anonymous"] = true
		return options, nil
	}
	own := ""
	if phone.Caller.Type == talk.ActorUsers {
		err := svc.store.Read(ctx, func(tx *db.Tx) error {
			all, err := store.PhoneNumbersOf(tx, phone.Caller.ID)
			if len(all) > 0 {
				own = all[0].Number
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if number := now.CallerNumber(own); number != "" {
		options["caller"] = number
	}
	return options, nil
}

func refusedCall(reason, message string, err error) error {
	return &talk.Error{Kind: talk.NotImplemented, Reason: reason, Message: message, Err: err}
}
