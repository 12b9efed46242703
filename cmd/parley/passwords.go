package main

import (
	"errors"
	"fmt"
	"os"

	"parley/internal/secret"
)

// generatedChars makes passwords of 119 random bits.
const generatedChars = 20

// passwordFlags say where a new password comes from. There is no flag for the password
// itself: other users of the machine can read command lines.
type passwordFlags struct {
	Generate     bool   `name:"generate" xor:"password" help:"Make a random password and print it."`
	PasswordFile string `name:"password-file" xor:"password" placeholder:"FILE" help:"Take the first line of this file as password (default: ask, or read from the standard input)."`
}

// read returns the password that the flags ask for; one that it makes has at least
// minimum characters.
func (f passwordFlags) read(t *terminal, minimum int) (password string, err error) {
	switch {
	case f.Generate:
		return secret.Token(max(generatedChars, minimum), secret.Alphanumeric), nil
	case f.PasswordFile != "":
		password, err = fromFile(f.PasswordFile)
	default:
		password, err = t.readSecret("Password")
	}
	if err != nil {
		return "", fmt.Errorf("cannot read the password: %w", err)
	}
	if password == "" {
		return "", errors.New("the password is empty: type one, or use --generate or --password-file")
	}
	return password, nil
}

// shown returns the password if it was generated, since nobody knows it otherwise.
func (f passwordFlags) shown(password string) string {
	if f.Generate {
		return password
	}
	return ""
}

// fromFile returns the first line of a file.
func fromFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	return firstLine(file)
}
