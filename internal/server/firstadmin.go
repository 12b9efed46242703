package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"parley/internal/directory"
	"parley/internal/secret"
	"parley/internal/talk"
)

// generatedPasswordChars makes passwords of 119 random bits.
const generatedPasswordChars = 20

// generatedAdmin is the user id of the administrator that nobody configured.
const generatedAdmin = "admin"

// ensureAdmin creates the first administrator while there is none: the configured
// "user:password", else, on the very first start, one with a random password, which is
// shown once, or put into a file, and kept nowhere else.
func (c *Core) ensureAdmin(ctx context.Context, configured string, s openSettings) error {
	state, err := c.Directory.AdminState(ctx)
	if err != nil || state == directory.HasAdmin {
		return err
	}
	if user, password, ok := strings.Cut(configured, ":"); ok {
		_, err := c.Directory.FirstAdmin(ctx, user, password)
		return adminError(err)
	}
	if state == directory.NoAdmin {
		return c.askForAdmin(ctx, s.notice)
	}
	return c.generateAdmin(ctx, s)
}

// adminError words why the configured administrator cannot be created.
func adminError(err error) error {
	if err == nil {
		return nil
	}
	const what = "cannot create the administrator of --admin (PARLEY_ADMIN)"
	if failure, ok := errors.AsType[*talk.Error](err); ok && failure.Message != "" {
		return fmt.Errorf("%s: %s", what, failure.Message)
	}
	return fmt.Errorf("%s: %w", what, err)
}

// askForAdmin says how to make an existing account an administrator, which nobody but
// the person at the terminal can decide.
func (c *Core) askForAdmin(ctx context.Context, notice io.Writer) error {
	err := c.Directory.CreateGroup(ctx, directory.AdminGroup, "")
	if err != nil && !talk.IsKind(err, talk.Conflict) {
		return err
	}
	_, err = fmt.Fprintln(notice, "Nobody is an administrator. Make somebody one: parley group member add admin USER")
	return err
}

// generateAdmin creates an administrator and shows the password.
func (c *Core) generateAdmin(ctx context.Context, s openSettings) error {
	password := secret.Token(max(generatedPasswordChars, c.Directory.PasswordMin()), secret.Alphanumeric)
	if s.passwordFile != "" {
		return c.generateAdminInFile(ctx, password, s)
	}
	created, err := c.Directory.FirstAdmin(ctx, generatedAdmin, password)
	if err != nil || !created {
		return err
	}
	_, err = io.WriteString(s.notice, box(
		"The first administrator was created. This is shown once:", "",
		"  user      "+generatedAdmin, "  password  "+password, "",
		"Change it with: parley user password "+generatedAdmin))
	return err
}

// generateAdminInFile creates an administrator whose password is in a file. That is
// written first, so that nobody has a password that nobody can know.
func (c *Core) generateAdminInFile(ctx context.Context, password string, s openSettings) error {
	if err := writeSecret(s.passwordFile, password+"\n"); err != nil {
		return fmt.Errorf("the password of the first administrator cannot be kept: let this user write %s, or choose one with PARLEY_ADMIN (%w)",
			s.passwordFile, err)
	}
	created, err := c.Directory.FirstAdmin(ctx, generatedAdmin, password)
	if err != nil || !created {
		return errors.Join(err, os.Remove(s.passwordFile))
	}
	_, err = fmt.Fprintf(s.notice, "The first administrator %s was created; the password is in %s, which you should delete after reading it.\n",
		generatedAdmin, s.passwordFile)
	return err
}

// writeSecret writes a file that its owner alone can read, in place of one that is
// there, whoever can read that.
func writeSecret(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// box draws a frame around lines of ASCII text.
func box(lines ...string) string {
	width := 0
	for _, line := range lines {
		width = max(width, len(line))
	}
	var b strings.Builder
	edge := "+" + strings.Repeat("-", width+2) + "+\n"
	b.WriteString(edge)
	for _, line := range lines {
		fmt.Fprintf(&b, "| %-*s |\n", width, line)
	}
	b.WriteString(edge)
	return b.String()
}
