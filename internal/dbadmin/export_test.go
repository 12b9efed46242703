package dbadmin

import (
	"context"
)

// Replace puts a file in the place of a database, as the last step of a restore.
func Replace(ctx context.Context, file, path string) error { return replace(ctx, file, path) }
