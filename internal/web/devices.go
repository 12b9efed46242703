package web

import (
	"net/http"
	"strconv"
	"time"

	"parley/internal/auth"
	"parley/internal/talk"
)

// devices is the page of the app passwords of somebody.
func (p *Pages) devices(w http.ResponseWriter, r *http.Request) {
	id, ok := p.member(w, r, "/devices")
	if !ok {
		return
	}
	all, err := p.auth.AppPasswords(r.Context(), id.Account.UserID)
	if err != nil {
		p.fail(w, err)
		return
	}
	c := content{
		Visitor: visitorOf(id), Label: id.Account.DisplayName, Title: "Your devices",
		Paragraphs: []string{"Each app has a password of its own. Take it away from those that you do not know or do not use any more: they are logged out at once."},
		Links:      []link{{p.logOutAddress(id), "Log out", "This browser alone. Apps stay connected."}, p.home()},
	}
	if len(all) == 0 {
		c.Paragraphs = []string{"No app is connected to your account. Talk’s apps ask for it when you give them the address of this server."}
	}
	for _, one := range all {
		c.Items = append(c.Items, item{Name: one.Name, Note: noteOn(one, id), Form: &form{
			Action: p.place + "/devices", Button: "Remove", Label: "Remove " + one.Name,
			Hidden: []pair{{"requesttoken", id.RequestToken()}, {"id", strconv.FormatInt(one.ID, 10)}},
		}})
	}
	p.show(w, http.StatusOK, c)
}

// noteOn tells since when an app has its password, when it was used, and what is special.
func noteOn(one auth.AppPassword, id auth.Identity) string {
	day := func(unix int64) string { return time.Unix(unix, 0).UTC().Format("2 January 2006") }
	note := "since " + day(one.CreatedAt) + ", never used"
	if one.LastUsedAt != 0 {
		note = "since " + day(one.CreatedAt) + ", used on " + day(one.LastUsedAt)
	}
	if one.ID == id.AppPassword {
		note += ", logged in here with it"
	}
	if one.Wiping {
		note += ", shall wipe what it has"
	}
	return note
}

// revoke takes the password of an app away.
func (p *Pages) revoke(w http.ResponseWriter, r *http.Request) {
	id, ok := p.member(w, r, "/devices")
	if !ok || !p.meant(w, r, id) {
		return
	}
	// A number that is none is that of nothing, as one of an app that is gone already.
	which, _ := strconv.ParseInt(r.PostForm.Get("id"), 10, 64)
	if err := p.auth.RevokeAppPassword(r.Context(), id.Account.UserID, which); err != nil && !talk.IsKind(err, talk.NotFound) {
		p.fail(w, err)
		return
	}
	http.Redirect(w, r, p.place+"/devices", http.StatusSeeOther)
}
