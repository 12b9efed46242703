package chat

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"

	"parley/internal/api/wire"
	"parley/internal/chat"
	"parley/internal/ocs"
	"parley/internal/talk"
)

// remembered is a page as it is kept for all who read it.
type remembered struct {
	// last and commonRead are what the headers say.
	last, commonRead int64
	// others are those who must not get this page, each between two zero bytes, or
	// everybody.
	others []byte
	// data are the messages.
	data json.RawMessage
}

// everybody are the others of a page that each reader sees differently.
const everybody = "*"

// pack and unpack turn a page into bytes and back: a line with everything else goes before
// the messages, which are not looked at.
func (p *remembered) pack() []byte {
	return append(fmt.Appendf(nil, "%d %d %s\n", p.last, p.commonRead, p.others), p.data...)
}

func (p *remembered) unpack(page []byte) error {
	head, data, _ := bytes.Cut(page, []byte{'\n'})
	last, rest, _ := bytes.Cut(head, []byte{' '})
	commonRead, others, _ := bytes.Cut(rest, []byte{' '})
	var err, errRead error
	p.last, err = strconv.ParseInt(string(last), 10, 64)
	p.commonRead, errRead = strconv.ParseInt(string(commonRead), 10, 64)
	p.others, p.data = others, data
	return cmp.Or(err, errRead)
}

// othersOf are those who see something of their own in a page.
func othersOf(page *chat.Page) []byte {
	if page.Everybody {
		return []byte(everybody)
	}
	var out []byte
	for _, a := range page.Some {
		if !bytes.Contains(out, nameOf(a)) {
			out = append(out, nameOf(a)...)
		}
	}
	return out
}

// nameOf is an actor among others: no id has a zero byte or the end of a line.
func nameOf(a talk.Actor) []byte { return []byte("\x00" + string(a.Type) + "/" + a.ID + "\x00") }

// isFor reports whether a reader sees the page as most others do.
func (p *remembered) isFor(reader talk.Actor) bool {
	return string(p.others) != everybody && !bytes.Contains(p.others, nameOf(reader))
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
		return made.pack(), page.Until(), nil
	})
	if err == nil {
		err = p.unpack(data)
	}
	return p, err
}

// encode writes a page.
func encode(c *ocs.Call, page *chat.Page) (remembered, error) {
	data, err := json.Marshal(wire.NewMessages(wire.PlaceOf(c.BaseURL(), &page.Room), page.Messages))
	return remembered{last: page.Last, commonRead: page.CommonRead, others: othersOf(page), data: data}, err
}

// answer tells of a page. knownRead is what the client knows to be read by everybody, 0
// for nothing.
func answer(c *ocs.Call, p remembered, knownRead int64, public bool) (any, error) {
	if p.last == 0 && (!public || knownRead <= 0 || knownRead == p.commonRead) {
		c.Status = ocs.StatusNotModified
		return nil, nil
	}
	noteCommonRead(c, p.commonRead, public)
	if p.last != 0 {
		c.Header.Set(lastGivenHeader, strconv.FormatInt(p.last, 10))
	}
	return p.data, nil
}
