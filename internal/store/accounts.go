package store

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"parley/internal/db"
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

// accountTable are the columns of accounts, besides the folded id that they are looked up by.
var accountTable = columns[Account]{"accounts", "c", []column[Account]{
	{"user_id", func(a *Account) any { return &a.UserID }, inserted},
	{"display_name", func(a *Account) any { return &a.DisplayName }, stored},
	{"email", func(a *Account) any { return &a.Email }, stored},
	{"password_hash", func(a *Account) any { return &a.PasswordHash }, stored},
	{"password_id", func(a *Account) any { return &a.PasswordID }, stored},
	{"enabled", func(a *Account) any { return &a.Enabled }, stored},
	{"read_privacy", func(a *Account) any { return &a.ReadPrivacy }, stored},
	{"created_at", func(a *Account) any { return &a.CreatedAt }, inserted},
	{"first_login_at", func(a *Account) any { return &a.FirstLoginAt }, 0},
	{"last_login_at", func(a *Account) any { return &a.LastLoginAt }, 0},
}}

var (
	accountColumns = accountTable.selected()
	accountInsert  = "INSERT INTO accounts (lookup, " + strings.Join(accountTable.names(inserted), ", ") + ") VALUES ($1, " +
		strings.Join(accountTable.places(inserted, 2), ", ") + ") ON CONFLICT DO NOTHING"
	accountUpdate = accountTable.updateBy("user_id")
)

// fold is how user ids are compared.
func fold(id string) string { return strings.ToLower(id) }

// AccountByID returns the account with the id, compared without regard to case, or
// ErrNotFound.
func AccountByID(tx *db.Tx, id string) (Account, error) {
	var a Account
	if !storable(id) {
		return a, db.ErrNotFound
	}
	err := tx.QueryRow(accountTable.fields(&a), "SELECT "+accountColumns+" FROM accounts c WHERE c.lookup = $1", fold(id))
	return a, err
}

// AccountsNamed returns the accounts with the ids, compared as in [AccountByID],
// by the ids that were given.
func AccountsNamed(tx *db.Tx, ids []string) (map[string]Account, error) {
	folded := make(map[string][]string, len(ids))
	for _, id := range ids {
		if storable(id) {
			folded[fold(id)] = append(folded[fold(id)], id)
		}
	}
	out := make(map[string]Account, len(ids))
	err := db.Chunks(slices.Sorted(maps.Keys(folded)), func(part []string) error {
		found, err := db.Collect(tx, accountTable.scan, "SELECT "+accountColumns+" FROM accounts c WHERE c.lookup IN ("+db.Placeholders(1, len(part))+")",
			db.Args(nil, part)...)
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
func AccountByEmail(tx *db.Tx, email string) (Account, error) {
	if email == "" || !storable(email) {
		return Account{}, db.ErrNotFound
	}
	found, err := db.Collect(tx, accountTable.scan, "SELECT "+accountColumns+" FROM accounts c WHERE c.email = $1 LIMIT 2", fold(email))
	if err != nil {
		return Account{}, err
	}
	if len(found) != 1 {
		return Account{}, db.ErrNotFound
	}
	return found[0], nil
}

// InsertAccount stores a new account. ErrDuplicate when the id is taken.
func InsertAccount(tx *db.Tx, a Account) error {
	a.Email, a.CreatedAt = fold(a.Email), tx.Now()
	a.SetPassword(a.PasswordHash)
	n, err := tx.Exec(accountInsert, append([]any{fold(a.UserID)}, accountTable.values(inserted, &a)...)...)
	if err != nil {
		return err
	}
	if n == 0 {
		return db.ErrDuplicate
	}
	return newDirectory(tx)
}

// UpdateAccount stores name, address, password, state and privacy of an account.
func UpdateAccount(tx *db.Tx, a Account) error {
	if err := NewCredentials(tx); err != nil {
		return err
	}
	a.Email = fold(a.Email)
	return tx.Run(accountUpdate, append([]any{a.UserID}, accountTable.values(updated, &a)...)...)
}

// KeepAccount keeps an account from being deleted or renamed until the
// transaction ends. ErrNotFound when it was deleted, which it waits for.
func KeepAccount(tx *db.Tx, userID string) error {
	kept, err := KeepAccounts(tx, []string{userID})
	if err == nil && !kept[userID] {
		err = db.ErrNotFound
	}
	return err
}

// KeepAccounts is KeepAccount for many. It returns those that exist.
func KeepAccounts(tx *db.Tx, users []string) (map[string]bool, error) {
	kept := make(map[string]bool, len(users))
	for _, id := range users {
		if locksOf(tx).accounts[id] {
			kept[id] = true
		}
	}
	more := without(users, kept)
	slices.Sort(more)
	err := db.Chunks(more, func(part []string) error {
		found, err := db.Collect(tx, db.ScanString, "SELECT user_id FROM accounts WHERE user_id IN ("+db.Placeholders(1, len(part))+") ORDER BY user_id"+
			keeping(tx, db.LockKept), db.Args(nil, part)...)
		for _, id := range found {
			kept[id] = true
			put(&locksOf(tx).accounts, id)
		}
		if err != nil {
			return err
		}
		return awaitEnd(tx, "user_id", without(part, kept)...)
	})
	return kept, err
}

// LockAccount is KeepAccount for a change of what belongs to the account alone,
// such as its status: nobody else can lock the account meanwhile. It comes before
// any conversation is locked.
func LockAccount(tx *db.Tx, userID string) error {
	if tx.Key() != "" || locksOf(tx).hasRooms() {
		return tx.Fail(errLateAccount)
	}
	return lockAccount(tx, userID, db.LockChanged)
}

func lockAccount(tx *db.Tx, userID string, l db.RowLock) error {
	var id string
	err := tx.QueryRow([]any{&id}, "SELECT user_id FROM accounts WHERE user_id = $1"+tx.Dialect.RowLock(l), userID)
	if err == nil {
		put(&locksOf(tx).accounts, id)
	}
	return err
}

// EndAccount waits for those who keep an account, see [KeepAccount], and lets
// nobody else keep it until the transaction ends. Whoever deletes an account, or
// changes what its rows in conversations say, calls it before looking for them.
// The caller holds the lock of the memberships. ErrNotFound when it was deleted.
func EndAccount(tx *db.Tx, userID string) error {
	if locksOf(tx).ending[userID] {
		return nil
	}
	if !locksOf(tx).memberships || locksOf(tx).hasRooms() {
		return tx.Fail(errLateAccount)
	}
	err := lockAccount(tx, userID, db.LockEnding)
	if err == nil {
		put(&locksOf(tx).ending, userID)
	}
	return err
}

// errLateAccount is the failure to lock an account out of order.
var errLateAccount = errors.New("store: accounts are locked after the memberships and before conversations")

// DeleteAccount removes an account with its credentials and memberships in
// groups and teams. Conversations are the caller's matter.
func DeleteAccount(tx *db.Tx, userID string) error {
	if err := ForgetTeamMember(tx, talk.User(userID)); err != nil {
		return err
	}
	if err := newDirectory(tx); err != nil {
		return err
	}
	if err := NewCredentials(tx); err != nil {
		return err
	}
	return tx.Run("DELETE FROM accounts WHERE user_id = $1", userID)
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
func Accounts(tx *db.Tx, p Page) ([]Account, error) {
	return db.Collect(tx, accountTable.scan, "SELECT "+accountColumns+` FROM accounts c
		WHERE c.lookup LIKE $1 ESCAPE '!' OR LOWER(c.display_name) LIKE $1 ESCAPE '!' OR c.email LIKE $1 ESCAPE '!'
		ORDER BY c.lookup LIMIT $2 OFFSET $3`, p.pattern(), p.limit(), p.Offset)
}

// Names returns the display names of the accounts that exist among the ids.
func Names(tx *db.Tx, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	wanted, err := tx.Dialect.Values(ids)
	if err != nil {
		return nil, err
	}
	err = tx.Each(func(row db.Row) error {
		var id, name string
		err := row.Scan(&id, &name)
		out[id] = name
		return err
	}, "SELECT user_id, display_name FROM accounts WHERE "+tx.Dialect.Among("user_id", 1), wanted)
	return out, err
}

// AccountFields returns the further profile fields of an account.
func AccountFields(tx *db.Tx, userID string) (map[string]string, error) {
	out := map[string]string{}
	err := tx.Each(func(row db.Row) error {
		var field, value string
		err := row.Scan(&field, &value)
		out[field] = value
		return err
	}, "SELECT field, value FROM account_fields WHERE user_id = $1", userID)
	return out, err
}

// SetAccountField stores a profile field; an empty value removes it.
func SetAccountField(tx *db.Tx, userID, field, value string) error {
	if value == "" {
		return tx.Run("DELETE FROM account_fields WHERE user_id = $1 AND field = $2", userID, field)
	}
	return tx.Run(`INSERT INTO account_fields (user_id, field, value) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, field) DO UPDATE SET value = excluded.value`, userID, field, value)
}

// escapeLike makes a text literal in a LIKE pattern with ESCAPE '!'.
func escapeLike(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}
