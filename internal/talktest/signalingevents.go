package talktest

import (
	"fmt"
	"slices"
	"strings"
)

// pass tells the clients what the back end has told, in the words of a signaling server: session
// ids become public ones, and whoever is not connected is left out.
func (s *SignalingServer) pass(told Told) {
	body := told.Body
	switch told.Type {
	case "invite":
		s.list(names(body["userids"]), "roomlist/invite")
		s.list(without(names(body["alluserids"]), names(body["userids"])), "roomlist/update")
	case "disinvite":
		s.disinvite(told)
	case "update":
		s.list(names(body["userids"]), "roomlist/update")
		s.inRoom(told.Token, "room "+at(body, "properties").Text("name"))
	case "delete":
		s.list(names(body["userids"]), "roomlist/disinvite deleted")
		for _, x := range s.in(told.Token) {
			x.out("leave", "room deleted")
		}
	case "switchto":
		for _, x := range s.in(told.Token) {
			if slices.Contains(names(body["sessions"]), x.session) {
				s.tell(x, "switchto "+body.Text("roomid"))
			}
		}
	case "participants":
		s.participants(told)
	case "incall":
		if body["all"] == true {
			s.inRoom(told.Token, "incall 0 all")
			return
		}
		s.inRoom(told.Token, fmt.Sprintf("incall %d changed %s users %s", body.Number("incall"), s.flags(told, "changed"), s.flags(told, "users")))
	case "message":
		s.inRoom(told.Token, at(body, "data").Text("type"))
	}
}

func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(one string) bool { return slices.Contains(some, one) })
}

func (s *SignalingServer) tell(x *SignalingClient, what string) {
	s.mu.Lock()
	x.heard = append(x.heard, what)
	s.mu.Unlock()
}

// in are the clients in a conversation.
func (s *SignalingServer) in(token string) (out []*SignalingClient) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.clients {
		if x.room == token {
			out = append(out, x)
		}
	}
	return out
}

func (s *SignalingServer) inRoom(token, what string) {
	for _, x := range s.in(token) {
		s.tell(x, what)
	}
}

// list tells the clients of accounts, wherever they are, of their list of conversations.
func (s *SignalingServer) list(users []string, what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.clients {
		if x.User != "" && slices.Contains(users, x.User) {
			x.heard = append(x.heard, what)
		}
	}
}

// disinvite takes the sessions out of the conversation, for which the back end is called while it
// waits for the answer.
func (s *SignalingServer) disinvite(told Told) {
	users := names(told.Body["userids"])
	s.list(users, "roomlist/disinvite")
	s.list(without(names(told.Body["alluserids"]), users), "roomlist/update")
	for _, x := range s.in(told.Token) {
		if slices.Contains(names(told.Body["sessionids"]), x.session) {
			x.out("leave", "disinvited")
		}
	}
}

// participants tells who is there, and lets those who are different do what they may now.
func (s *SignalingServer) participants(told Told) {
	var changed []string
	for _, one := range list(told.Body["changed"]) {
		o := Object(one.(map[string]any))
		if x := s.bySession(told.Token, o.Text("sessionId")); x != nil {
			s.mu.Lock()
			x.permissions = names(o["permissions"])
			s.mu.Unlock()
			changed = append(changed, x.Name+" "+strings.Join(x.permissions, ","))
		}
	}
	s.inRoom(told.Token, "participants changed "+strings.Join(changed, " "))
}

// flags are the clients among sessions with their flags.
func (s *SignalingServer) flags(told Told, field string) string {
	var out []string
	for _, one := range list(told.Body[field]) {
		o := Object(one.(map[string]any))
		if x := s.bySession(told.Token, o.Text("sessionId")); x != nil {
			out = append(out, fmt.Sprintf("%s:%d", x.Name, o.Number("inCall")))
		}
	}
	return strings.Join(out, ",")
}

// bySession is the client that has a session in a conversation, nil for none.
func (s *SignalingServer) bySession(token, session string) *SignalingClient {
	for _, x := range s.in(token) {
		if x.session == session {
			return x
		}
	}
	return nil
}
