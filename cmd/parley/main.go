// Command parley is the conversation server and its administration; parley --help
// lists the commands.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// Exit codes.
const (
	exitOK      = 0
	exitFailure = 1 // what was asked for did not work
	exitUsage   = 2 // it was not asked for properly
)

// commands is the command line, read by kong.
type commands struct {
	ShowVersion versionFlag `name:"version" help:"Print the version."`

	Serve      serveCommand      `cmd:"" help:"Run the server."`
	Demo       demoCommand       `cmd:"" help:"Try a server with people and a conversation, and forget it afterwards."`
	User       userCommands      `cmd:"" help:"Manage accounts."`
	Group      groupCommands     `cmd:"" help:"Manage groups."`
	Team       teamCommands      `cmd:"" help:"Manage teams."`
	Phone      phoneCommands     `cmd:"" help:"Manage the telephone numbers that reach accounts."`
	Room       roomCommands      `cmd:"" help:"Look at conversations."`
	Bot        botCommands       `cmd:"" help:"Manage bots."`
	Signaling  signalingCommands `cmd:"" help:"Check the external signaling server, renew the key of its tokens."`
	Webhook    webhookCommands   `cmd:"" help:"Manage webhooks, which get the events of all conversations."`
	Outbox     outboxCommands    `cmd:"" help:"Look at what waits to be delivered, such as mail."`
	Attempts   attemptCommands   `cmd:"" help:"Look at failed log-ins and guesses, and lift blocks."`
	Config     configCommands    `cmd:"" help:"Change settings while the server runs."`
	Doctor     doctorCommand     `cmd:"" help:"Check the data folder and the database."`
	Backup     backupCommand     `cmd:"" help:"Copy the database of a running server into a file."`
	Restore    restoreCommand    `cmd:"" help:"Make a backup the database."`
	Migrate    migrateCommand    `cmd:"" help:"Move everything from SQLite to PostgreSQL or back."`
	Upgrade    upgradeCommand    `cmd:"" help:"Bring the database up to date with this version."`
	Health     healthCommand     `cmd:"" help:"Ask the server on this machine whether it works."`
	Completion completionCommand `cmd:"" help:"Print the completion script of a shell."`
	Man        manCommand        `cmd:"" hidden:"" help:"Print the manual page."`
	Version    versionCommand    `cmd:"" help:"Print the version."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// From the first signal on, a second one ends the program at once.
	context.AfterFunc(ctx, stop)
	t := &terminal{ctx: ctx, in: os.Stdin, out: os.Stdout, err: os.Stderr}
	code := run(t, os.Args[1:])
	stop()
	os.Exit(code)
}

// errReported is a failure that was said already, such as the findings of the doctor.
var errReported = errors.New("reported")

// run runs one command line and returns the exit code.
func run(t *terminal, args []string) int {
	exited := -1
	parser, err := newParser(t, func(code int) { exited = code })
	if err != nil {
		return t.fail(err, exitFailure)
	}
	parsed, err := parser.Parse(args)
	switch {
	case exited >= 0: // help was shown; kong goes on as if it had not been
		return exited
	case err != nil:
		return t.fail(fmt.Errorf("%w (see parley %s)", err, helpFor(err)), exitUsage)
	}
	err = parsed.Run()
	switch {
	case errors.Is(err, errReported):
		return exitFailure
	case err != nil:
		return t.fail(err, exitFailure)
	}
	return exitOK
}

// newParser returns the command line. Exit is called after help was shown.
func newParser(t *terminal, exit func(code int)) (*kong.Kong, error) {
	return kong.New(&commands{}, kong.Name("parley"),
		kong.Description("A conversation server that speaks the Nextcloud Talk API."),
		kong.Writers(t.out, t.err), kong.Exit(exit),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Bind(t))
}

// helpFor returns the arguments that explain the command of a parse error.
func helpFor(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		if name := parse.Context.Command(); name != "" {
			words := strings.Fields(name)
			for i, word := range words {
				if strings.HasPrefix(word, "<") {
					words = words[:i]
					break
				}
			}
			return strings.Join(append(words, "--help"), " ")
		}
	}
	return "--help"
}
