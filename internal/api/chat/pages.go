package chat

import (
	"bytes"
	"encoding/json"
	"fmt"

	"parley/internal/api/wire"
	"parley/internal/chat"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// remembered is a page as it is kept for all who read it.
type remembered struct {
	// Last and CommonRead are what the headers say.
	Last       int64 `json:"last"`
	CommonRead int64 `json:"read"`
	// Everybody and Some are those of [chat.Page]: who must not get this page.
	Everybody bool         `json:"everybody,omitempty"`
	Some      []talk.Actor `json:"some,omitempty"`
	// data are the messages.
	data json.RawMessage
}

// pack and unpack turn a page into bytes and back: a line of JSON with everything else
// goes before the messages, which are not looked at.
func (p *remembered) pack() ([]byte, error) {
	head, err := json.Marshal(p)
	return append(append(head, '\n'), p.data...), err
}

func (p *remembered) unpack(bytesOfPage []byte) error {
	head, data, _ := bytes.Cut(bytesOfPage, []byte{'\n'})
	p.data = data
	return json.Unmarshal(head, p)
}

// isFor reports whether a reader sees the page as most others do.
func (p *remembered) isFor(reader talk.Actor) bool {
	if p.Everybody {
		return false
	}
	for _, a := range p.Some {
		if a == reader {
			return false
		}
	}
	return true
}

// page answers with a part of the history, which is made once for all who ask for the
// same and see the same.
func (a *API) page(c *ocs.Call, knownRead int64, o chat.Selection) (any, error) {
	me := c.Access.Me
	name := fmt.Sprintf("chat %s %+v", c.BaseURL(), o)
	public := me.ReadPrivacy == 0
	common := o
	common.Shared = true
	shared, err := a.remember(c, name, common)
	if err != nil {
		return nil, err
	}
	if !shared.isFor(me.Actor) {
		if shared, err = a.remember(c, fmt.Sprintf("%s %d", name, me.ID), o); err != nil {
			return nil, err
		}
	}
	return answer(c, shared, knownRead, public)
}

func (a *API) remember(c *ocs.Call, name string, o chat.Selection) (p remembered, err error) {
	data, err := a.rooms.Remember(c.Access, name, func() ([]byte, int64, error) {
		page, err := a.chat.Read(c.Context(), c.Scope(), o)
		if err != nil {
			return nil, 0, err
		}
		made, err := encode(c, page)
		if err != nil {
			return nil, 0, err
		}
		text, err := made.pack()
		return text, page.Until(), err
	})
	if err == nil {
		err = p.unpack(data)
	}
	return p, err
}

// encode writes a page.
func encode(c *ocs.Call, page *chat.Page) (remembered, error) {
	data, err := json.Marshal(wire.NewMessages(wire.PlaceOf(c.BaseURL(), &page.Room), page.Messages))
	return remembered{Last: page.Last, CommonRead: page.CommonRead, Everybody: page.Everybody, Some: page.Some, data: data}, err
}

// answer tells of a page. knownRead is what the client knows to be read by everybody, 0
// for nothing.
func answer(c *ocs.Call, p remembered, knownRead int64, public bool) (any, error) {
	if p.Last == 0 && (!public || knownRead <= 0 || knownRead == p.CommonRead) {
		c.Status = ocs.StatusNotModified
		return nil, nil
	}
	noteCommonRead(c, p.CommonRead, public)
	if p.Last != 0 {
		c.Header.Set(lastGivenHeader, fmt.Sprint(p.Last))
	}
	return p.data, nil
}
