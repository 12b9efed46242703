// Package docs holds the documents of the project, so that a server shows those of
// its own version.
package docs

import "embed"

// Files are the documents in Markdown, by name.
//
//go:embed *.md
var Files embed.FS
