package ocs

import (
	"fmt"
	"reflect"
	"strings"
)

// RouteRow is a row of the route table in one API version, 0 outside of Talk.
type RouteRow struct {
	Endpoint string // like "GET /room/{token}"
	Version  int
}

// RouteRows lists the whole interface, a row per version.
func RouteRows() []RouteRow {
	var rows []RouteRow
	for _, r := range routes() {
		endpoint := fmt.Sprintf("%s %s", r.method, r.path)
		if r.versions == 0 {
			rows = append(rows, RouteRow{endpoint, 0})
		}
		for v := 1; v <= 4; v++ {
			if r.versions.has(v) {
				rows = append(rows, RouteRow{endpoint, v})
			}
		}
	}
	return rows
}

// PublicTokenRows lists the rows that strangers may try tokens on, one per version:
// method and path below the entry point.
func PublicTokenRows() (out [][2]string) {
	for _, r := range routes() {
		for _, row := range r.expand() {
			if row.access == public && strings.Contains(row.path, "{token}") {
				out = append(out, [2]string{row.method, row.fullPath()})
			}
		}
	}
	return out
}

// BadTextRow is a route with what a client can name in it.
type BadTextRow struct {
	Method, Path string
	Params       []string
}

// BadTextRows lists all routes, a row per version.
func BadTextRows() []BadTextRow {
	var rows []BadTextRow
	for _, r := range routes() {
		for _, row := range r.expand() {
			known := BadTextRow{Method: row.method, Path: row.fullPath()}
			if in := row.handler.input; in != nil && in.Kind() == reflect.Struct {
				for _, field := range planOf(in) {
					known.Params = append(known.Params, field.names[0])
				}
			}
			rows = append(rows, known)
		}
	}
	return rows
}
