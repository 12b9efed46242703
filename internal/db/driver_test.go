package db_test

import (
	"database/sql/driver"
	"strings"
	"sync"

	"modernc.org/sqlite"
)

// connected holds what is done with each new connection to an SQLite database, a
// func(sqlite.ExecQuerierContext) error under the path of the file.
var connected sync.Map

// prepareDriver gives SQLite a function panics() that does what it says, and calls
// what is connected.
func prepareDriver() {
	sqlite.MustRegisterScalarFunction("panics", 0, func(*sqlite.FunctionContext, []driver.Value) (driver.Value, error) {
		panic("aargh in the driver")
	})
	sqlite.RegisterConnectionHook(func(conn sqlite.ExecQuerierContext, dsn string) (err error) {
		connected.Range(func(path, do any) bool {
			if strings.Contains(dsn, path.(string)) {
				err = do.(func(sqlite.ExecQuerierContext) error)(conn)
			}
			return err == nil
		})
		return err
	})
}

// onConnect does something with each new connection to the database of a URL.
func onConnect(url string, do func(sqlite.ExecQuerierContext) error) {
	connected.Store(strings.TrimPrefix(url, "sqlite:"), do)
}
