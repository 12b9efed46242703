package talk

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// E-mail guests are invited by mail and come back by the personal link in it.

// Limits of e-mail guests.
const (
	// MaxEmailAddress and maxLocalPart are the lengths, in bytes, that mail
	// servers have to accept.
	MaxEmailAddress = 254
	maxLocalPart    = 64
	// MaxEmailFile is the size of an imported list, in bytes.
	MaxEmailFile = 1 << 20
	// MaxEmailRows is the number of rows of an imported list. All of them are
	// invited in one change of the conversation.
	MaxEmailRows = 5000
	// AccessTokenLength is the number of characters of the secret in a personal
	// link.
	AccessTokenLength = 64
)

// FoldAddress is how e-mail addresses are compared and kept: without the space
// around them and in lower case.
func FoldAddress(text string) string { return strings.ToLower(strings.TrimSpace(text)) }

// EmailGuest returns the actor of the person behind a folded address. The id
// does not show the address.
func EmailGuest(address string) Actor {
	sum := sha256.Sum256([]byte(address))
	return Actor{ActorEmails, hex.EncodeToString(sum[:])}
}

// ValidAddress reports whether mail could be sent to a folded address. Whether
// somebody reads it is not known before.
func ValidAddress(address string) bool {
	if len(address) > MaxEmailAddress || !utf8.ValidString(address) || strings.ContainsFunc(address, notInAddress) {
		return false
	}
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Name != "" || parsed.Address != address {
		return false
	}
	local, domain, _ := strings.Cut(address, "@")
	return len(local) <= maxLocalPart && validDomain(domain)
}

// notInAddress finds what the grammar of mail allows in quotes and comments, and
// what no address of today has.
func notInAddress(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(`"(),:;<>[]\`, r)
}

// validDomain reports whether a domain consists of labels of letters, digits
// and hyphens.
func validDomain(domain string) bool {
	for label := range strings.SplitSeq(domain, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, r := range label {
			if r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
				return false
			}
		}
	}
	return true
}

// Invitee is somebody to invite by e-mail. Name may be empty.
type Invitee struct {
	Address string
	Name    string
}

// EmailList is what an imported list contains.
type EmailList struct {
	// Invitees have a valid address each, which no other one of them has.
	Invitees []Invitee
	// Duplicates is the number of rows whose address had come before.
	Duplicates int
	// Invalid are the numbers of the lines that name nobody; the header is line 1.
	Invalid []int
}

// Without returns the list without those who are in the conversation already.
// They are counted as duplicates.
func (l EmailList) Without(present map[Actor]bool) EmailList {
	all := l.Invitees
	l.Invitees = nil
	for _, i := range all {
		if present[EmailGuest(i.Address)] {
			l.Duplicates++
		} else {
			l.Invitees = append(l.Invitees, i)
		}
	}
	return l
}

// InvalidRows is the outcome of a test run with rows that name nobody.
type InvalidRows struct{ EmailList }

// Error says that the list has bad rows.
func (e *InvalidRows) Error() string { return "invalid: rows" }

// ParseEmailList reads a list of people from comma separated values in UTF-8.
// Its first line names the columns: email, and perhaps name. Failures: Invalid
// "file" for what is no such text or too long, Invalid "header-email" when there
// is no column of addresses.
func ParseEmailList(text []byte) (EmailList, error) {
	if len(text) > MaxEmailFile {
		return EmailList{}, badFile("The file is too large.")
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) || bytes.IndexByte(text, 0) >= 0 {
		return EmailList{}, badFile("The file is not text in UTF-8.")
	}
	rows := csv.NewReader(bytes.NewReader(text))
	rows.FieldsPerRecord, rows.LazyQuotes, rows.ReuseRecord = -1, true, true
	header, err := rows.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return EmailList{}, badFile("The file cannot be read.")
	}
	columns := columnsOf(header)
	if columns.address < 0 {
		return EmailList{}, &Error{Kind: Invalid, Reason: "header-email", Message: "The first line has no column email."}
	}
	return readRows(rows, columns)
}

func badFile(message string) error { return &Error{Kind: Invalid, Reason: "file", Message: message} }

// emailColumns are the places of the columns in a row, -1 for none.
type emailColumns struct{ address, name int }

func columnsOf(header []string) emailColumns {
	place := func(name string) int {
		return slices.IndexFunc(header, func(h string) bool { return FoldAddress(h) == name })
	}
	return emailColumns{place("email"), place("name")}
}

func readRows(rows *csv.Reader, columns emailColumns) (EmailList, error) {
	var list EmailList
	seen := map[string]bool{}
	for count := 0; ; count++ {
		row, err := rows.Read()
		switch {
		case errors.Is(err, io.EOF):
			return list, nil
		case err != nil:
			return EmailList{}, badFile("The file cannot be read.")
		case count == MaxEmailRows:
			return EmailList{}, badFile("The file has too many rows.")
		}
		who, ok := columns.invitee(row)
		switch {
		case !ok:
			line, _ := rows.FieldPos(0)
			list.Invalid = append(list.Invalid, line)
		case seen[who.Address]:
			list.Duplicates++
		default:
			seen[who.Address] = true
			list.Invitees = append(list.Invitees, who)
		}
	}
}

// invitee reads a row. A name that only repeats the address is none.
func (c emailColumns) invitee(row []string) (Invitee, bool) {
	field := func(i int) string {
		if i < 0 || i >= len(row) {
			return ""
		}
		return strings.TrimSpace(row[i])
	}
	who := Invitee{FoldAddress(field(c.address)), field(c.name)}
	if strings.EqualFold(who.Name, who.Address) {
		who.Name = ""
	}
	return who, (who.Name == "" || PlainName(who.Name, MaxGuestName)) && ValidAddress(who.Address)
}
