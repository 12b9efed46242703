package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// module is the import path of the module, of which own packages are below.
const module = "parley/"

// source is one parsed file that is not a test.
type source struct {
	name string // path of the file below the root
	dir  string // folder of its package below the root
	tree *ast.File
	fset *token.FileSet
}

// at returns the position of node as file:line.
func (s source) at(node ast.Node) string {
	return fmt.Sprintf("%s:%d", s.name, s.fset.Position(node.Pos()).Line)
}

// imports returns the import paths of s by position; own packages are named by their
// folder.
func (s source) imports() map[string]string {
	found := make(map[string]string)
	for _, spec := range s.tree.Imports {
		// The parser accepts only valid strings here.
		name, _ := strconv.Unquote(spec.Path.Value)
		found[s.at(spec)] = strings.TrimPrefix(name, module)
	}
	return found
}

// load parses all files below the roots that are not tests. Roots that do not exist
// are left out: the house is built room by room.
func load(files fs.FS, roots ...string) ([]source, error) {
	var all []source
	fset := token.NewFileSet()
	for _, root := range roots {
		if _, err := fs.Stat(files, root); err != nil {
			continue
		}
		err := fs.WalkDir(files, root, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || !isSource(name, entry) {
				return err
			}
			text, err := fs.ReadFile(files, name)
			if err != nil {
				return err
			}
			tree, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
			all = append(all, source{name: name, dir: path.Dir(name), tree: tree, fset: fset})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// isSource reports whether the entry is a Go file that is not a test.
func isSource(name string, entry fs.DirEntry) bool {
	return !entry.IsDir() && strings.HasSuffix(name, ".go") &&
		!strings.HasSuffix(name, "_test.go") && !strings.Contains(name, "/testdata/")
}

// within reports whether p is one of the roots or below one.
func within(p string, roots []string) bool {
	for _, root := range roots {
		if p == root || strings.HasPrefix(p, root+"/") {
			return true
		}
	}
	return false
}

// isStandard reports whether an import path belongs to the standard library: the
// first part of all other paths is a host name with a dot, or an own folder.
func isStandard(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return !strings.Contains(first, ".") && first != "internal" && first != "cmd" && first != "bench" && first != "client"
}
