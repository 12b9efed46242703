package store

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"parley/internal/talk"
)

// Account is a person who can log in.
type Account struct {
	UserID       string
	DisplayName  string
	Email        string
	PasswordHash string
	// PasswordID is another one for each password that the account ever had; it
	// stays when the same password is hashed anew. See SetPassword.
	PasswordID  string
	Enabled     bool
	ReadPrivacy int
	CreatedAt   int64
	// FirstLoginAt and LastLoginAt are Unix seconds, 0 for never.
	FirstLoginAt, LastLoginAt int64
}

// SetPassword gives the account another password, whose hash no other password
// has: hashes are salted.
func (a *Account) SetPassword(hash string) { a.PasswordHash, a.PasswordID = hash, hash }

const accountColumns = `c.user_id, c.display_name, c.email, c.password_hash, c.password_id, c.enabled, c.read_privacy,
	c.created_at, c.first_login_at, c.last_login_at`

func accountFields(a *Account) []any {
	return []any{
		&a.UserID, &a.DisplayName, &a.Email, &a.PasswordHash, &a.PasswordID, &a.Enabled, &a.ReadPrivacy,
		&a.CreatedAt, &a.FirstLoginAt, &a.LastLoginAt,
	}
}

func scanAccount(row scanner, a *Account) error { return row.Scan(accountFields(a)...) }

// fold is how user ids are compared.
func fold(id string) string { return strings.ToLower(id) }

// Account returns the account with the id, compared without regard to case, or
// ErrNotFound.
func (tx *Tx) Account(id string) (Account, error) {
	var a Account
	if !storable(id) {
		return a, ErrNotFound
	}
	err := tx.one(accountFields(&a), "SELECT "+accountColumns+" FROM accounts c WHERE c.lookup = $1", fold(id))
	return a, err
}

// AccountsNamed returns the accounts with the ids, compared as in [Tx.Account],
// by the ids that were given.
func (tx *Tx) AccountsNamed(ids []string) (map[string]Account, error) {
	folded := make(map[string][]string, len(ids))
	for _, id := range ids {
		if storable(id) {
			folded[fold(id)] = append(folded[fold(id)], id)
		}
	}
	out := make(map[string]Account, len(ids))
	err := chunks(slices.Sorted(maps.Keys(folded)), func(part []string) error {
		found, err := collect(tx, scanAccount, "SELECT "+accountColumns+" FROM accounts c WHERE c.lookup IN ("+list(1, len(part))+")",
			anys(nil, part)...)
		for _, a := range found {
			for _, id := range folded[fold(a.UserID)] {
				out[id] = a
			}
		}
		return err
	})
	return out, err
}

// storable reports whether a text can be in a database at all: PostgreSQL fails
// on others even in a comparison.
func storable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

// storables returns those of the texts that can be in a database.
func storables(texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return !storable(text) })
}

// AccountByEmail returns the only account with the e-mail address, or
// ErrNotFound also when several share it. No address is nobody's.
func (tx *Tx) AccountByEmail(email string) (Account, error) {
	if email == "" || !storable(email) {
		return Account{}, ErrNotFound
	}
	found, err := collect(tx, scanAccount, "SELECT "+accountColumns+" FROM accounts c WHERE c.email = $1 LIMIT 2", fold(email))
	if err != nil {
		return Account{}, err
	}
	if len(found) != 1 {
		return Account{}, ErrNotFound
	}
	return found[0], nil
}

// InsertAccount stores a new account. ErrDuplicate when the id is taken.
func (tx *Tx) InsertAccount(a Account) error {
	n, err := tx.exec(`INSERT INTO accounts (user_id, lookup, display_name, email, password_hash, password_id, enabled, created_at)
		VALUES ($1, $2, $3, $4, $5, $5, $6, $7) ON CONFLICT DO NOTHING`,
		a.UserID, fold(a.UserID), a.DisplayName, fold(a.Email), a.PasswordHash, a.Enabled, tx.now)
	if err != nil {
		return err
	}
	if n == 0 {
		return ErrDuplicate
	}
	return tx.newDirectory()
}

// UpdateAccount stores name, address, password, state and privacy of an account.
func (tx *Tx) UpdateAccount(a Account) error {
	if err := tx.newCredentials(); err != nil {
		return err
	}
	return tx.run(`UPDATE accounts SET display_name = $2, email = $3, password_hash = $4, password_id = $5, enabled = $6,
		read_privacy = $7 WHERE user_id = $1`,
		a.UserID, a.DisplayName, fold(a.Email), a.PasswordHash, a.PasswordID, a.Enabled, a.ReadPrivacy)
}

// KeepAccount keeps an account from being deleted or renamed until the
// transaction ends. ErrNotFound when it was deleted, which it waits for.
func (tx *Tx) KeepAccount(userID string) error {
	kept, err := tx.KeepAccounts([]string{userID})
	if err == nil && !kept[userID] {
		err = ErrNotFound
	}
	return err
}

// KeepAccounts is KeepAccount for many. It returns those that exist.
func (tx *Tx) KeepAccounts(users []string) (map[string]bool, error) {
	kept := make(map[string]bool, len(users))
	for _, id := range users {
		if tx.held.accounts[id] {
			kept[id] = true
		}
	}
	more := without(users, kept)
	slices.Sort(more)
	err := chunks(more, func(part []string) error {
		found, err := collect(tx, scanString, "SELECT user_id FROM accounts WHERE user_id IN ("+list(1, len(part))+") ORDER BY user_id"+
			tx.keeping(lockKept), anys(nil, part)...)
		for _, id := range found {
			kept[id] = true
			put(&tx.held.accounts, id)
		}
		if err != nil {
			return err
		}
		return tx.awaitEnd("user_id", without(part, kept)...)
	})
	return kept, err
}

// LockAccount is KeepAccount for a change of what belongs to the account alone,
// such as its status: nobody else can lock the account meanwhile. It comes before
// any conversation is locked.
func (tx *Tx) LockAccount(userID string) error {
	if tx.held.only != "" || tx.held.hasRooms() {
		tx.failed = cmp.Or(tx.failed, errLateAccount)
		return tx.failed
	}
	return tx.lockAccount(userID, lockChanged)
}

func (tx *Tx) lockAccount(userID string, l rowLock) error {
	var id string
	err := tx.one([]any{&id}, "SELECT user_id FROM accounts WHERE user_id = $1"+tx.dialect.rowLock(l), userID)
	if err == nil {
		put(&tx.held.accounts, id)
	}
	return err
}

// EndAccount waits for those who keep an account, see [Tx.KeepAccount], and lets
// nobody else keep it until the transaction ends. Whoever deletes an account, or
// changes what its rows in conversations say, calls it before looking for them.
// The caller holds the lock of the memberships. ErrNotFound when it was deleted.
func (tx *Tx) EndAccount(userID string) error {
	if tx.held.ending[userID] {
		return nil
	}
	if !tx.held.memberships || tx.held.hasRooms() {
		tx.failed = cmp.Or(tx.failed, errLateAccount)
		return tx.failed
	}
	err := tx.lockAccount(userID, lockEnding)
	if err == nil {
		put(&tx.held.ending, userID)
	}
	return err
}

// errLateAccount is the failure to lock an account out of order.
var errLateAccount = errors.New("store: accounts are locked after the memberships and before conversations")

// DeleteAccount removes an account with its credentials and memberships in
// groups and teams. Conversations are the caller's matter.
func (tx *Tx) DeleteAccount(userID string) error {
	if err := tx.ForgetTeamMember(talk.User(userID)); err != nil {
		return err
	}
	if err := tx.newDirectory(); err != nil {
		return err
	}
	if err := tx.newCredentials(); err != nil {
		return err
	}
	return tx.run("DELETE FROM accounts WHERE user_id = $1", userID)
}

// Page selects a part of a sorted list. Limit 0 means everything.
type Page struct {
	Search string
	Limit  int
	Offset int
}

func (p Page) limit() int {
	if p.Limit <= 0 {
		return 1 << 30
	}
	return p.Limit
}

func (p Page) pattern() string { return "%" + escapeLike(lower(p.Search)) + "%" }

// lower is what LOWER() makes of a text in both databases, which know no letters
// but those of ASCII.
func lower(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, text)
}

// Accounts returns the accounts whose id, name or address contains the search
// text, by id.
func (tx *Tx) Accounts(p Page) ([]Account, error) {
	return collect(tx, scanAccount, "SELECT "+accountColumns+` FROM accounts c
		WHERE c.lookup LIKE $1 ESCAPE '!' OR LOWER(c.display_name) LIKE $1 ESCAPE '!' OR c.email LIKE $1 ESCAPE '!'
		ORDER BY c.lookup LIMIT $2 OFFSET $3`, p.pattern(), p.limit(), p.Offset)
}

// Names returns the display names of the accounts that exist among the ids.
func (tx *Tx) Names(ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	wanted, err := tx.dialect.values(ids)
	if err != nil {
		return nil, err
	}
	err = tx.each(func(row scanner) error {
		var id, name string
		err := row.Scan(&id, &name)
		out[id] = name
		return err
	}, "SELECT user_id, display_name FROM accounts WHERE "+tx.dialect.among("user_id", 1), wanted)
	return out, err
}

// AccountFields returns the further profile fields of an account.
func (tx *Tx) AccountFields(userID string) (map[string]string, error) {
	out := map[string]string{}
	err := tx.each(func(row scanner) error {
		var field, value string
		err := row.Scan(&field, &value)
		out[field] = value
		return err
	}, "SELECT field, value FROM account_fields WHERE user_id = $1", userID)
	return out, err
}

// SetAccountField stores a profile field; an empty value removes it.
func (tx *Tx) SetAccountField(userID, field, value string) error {
	if value == "" {
		return tx.run("DELETE FROM account_fields WHERE user_id = $1 AND field = $2", userID, field)
	}
	return tx.run(`INSERT INTO account_fields (user_id, field, value) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, field) DO UPDATE SET value = excluded.value`, userID, field, value)
}

// escapeLike makes a text literal in a LIKE pattern with ESCAPE '!'.
func escapeLike(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}
