package archtest

import (
	"fmt"
	"go/ast"
	"go/token"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// violations returns every breach of the rules in the sources, in order.
func violations(sources []source) []string {
	var found []string
	for _, s := range sources {
		for _, rule := range importRules {
			found = append(found, checkImports(s, rule)...)
		}
		found = append(found, checkClock(s)...)
		found = append(found, checkFiles(s)...)
		found = append(found, checkStatus(s)...)
		found = append(found, checkTelling(s)...)
		found = append(found, checkInit(s)...)
	}
	found = append(found, checkGlobals(sources)...)
	found = append(found, checkSizes(sources)...)
	slices.Sort(found)
	return found
}

// maxPackageLines is where a package is divided, tests not counted.
const maxPackageLines = 5000

// checkSizes refuses packages that nobody can know any more.
func checkSizes(sources []source) (found []string) {
	lines := map[string]int{}
	for _, s := range sources {
		lines[s.dir] += s.fset.File(s.tree.Pos()).LineCount()
	}
	for dir, n := range lines {
		if n > maxPackageLines {
			found = append(found, fmt.Sprintf("%s: %d lines, at most %d: divide it by subject", dir, n, maxPackageLines))
		}
	}
	return found
}

// checkImports holds one rule against the imports of a file.
func checkImports(s source, rule importRule) []string {
	if !within(s.dir, rule.in) || within(s.dir, rule.except) {
		return nil
	}
	var found []string
	for at, name := range s.imports() {
		foreign := len(rule.only) > 0 && !isStandard(name) && !within(name, rule.only)
		if foreign || within(name, rule.forbid) && !within(name, rule.allow) {
			found = append(found, fmt.Sprintf("%s: import of %s: %s", at, name, rule.reason))
		}
	}
	return found
}

// checkClock refuses to read the time of the machine outside of clockPlaces.
func checkClock(s source) []string {
	if allowed(s.name, clockExempt) || path.Base(s.name) == clockFile {
		return nil
	}
	var found []string
	ast.Inspect(s.tree, func(node ast.Node) bool {
		switch selected(node, "time") {
		case "Now", "Since", "Until":
			found = append(found, s.at(node)+": reads the machine's time: take a clock, so that tests can set it")
		}
		return true
	})
	return found
}

// checkTelling refuses changes of conversations that nobody is told of.
func checkTelling(s source) []string {
	if allowed(s.name, tellingExempt) {
		return nil
	}
	var found []string
	ast.Inspect(s.tree, func(node ast.Node) bool {
		if name := selected(node, "store"); slices.Contains(toldFunctions, name) {
			found = append(found, s.at(node)+": calls store."+name+": use the method of room.Change, which tells others")
		}
		return true
	})
	return found
}

// checkFiles refuses to open files outside of filePlaces.
func checkFiles(s source) []string {
	if allowed(s.name, fileExempt) {
		return nil
	}
	var found []string
	ast.Inspect(s.tree, func(node ast.Node) bool {
		opens := selected(node, "syscall") == "Open" || selected(node, "syscall") == "Mmap"
		switch selected(node, "os") {
		case "Open", "OpenFile", "OpenRoot", "OpenInRoot", "Create", "CreateTemp", "ReadFile", "WriteFile", "CopyFS", "DirFS", "Truncate":
			opens = true
		}
		if opens {
			found = append(found, s.at(node)+": opens a file: closing one of an open database takes SQLite's locks away, see filePlaces")
		}
		return true
	})
	return found
}

// checkStatus refuses HTTP status numbers in the protocol and the endpoints outside of statusPlaces.
func checkStatus(s source) []string {
	if !within(s.dir, []string{"internal/ocs", "internal/api"}) || allowed(s.name, statusExempt) {
		return nil
	}
	var found []string
	ast.Inspect(s.tree, func(node ast.Node) bool {
		name := selected(node, "http")
		if strings.HasPrefix(name, "Status") && name != "StatusText" || isErrorStatus(node) {
			found = append(found, s.at(node)+": status number: return a talk.Error, its number is in errors.go")
		}
		return true
	})
	return found
}

// isErrorStatus reports whether node is the number of a known 4xx or 5xx status.
func isErrorStatus(node ast.Node) bool {
	literal, ok := node.(*ast.BasicLit)
	if !ok || literal.Kind != token.INT {
		return false
	}
	n, err := strconv.Atoi(literal.Value)
	return err == nil && n >= http.StatusBadRequest && http.StatusText(n) != ""
}

// checkInit refuses init functions: what runs before main cannot be tested or configured.
func checkInit(s source) []string {
	var found []string
	for _, decl := range s.tree.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			found = append(found, s.at(f)+": init function: make it a call of somebody")
		}
	}
	return found
}

// selected returns Name when node is the expression pkg.Name, otherwise "".
func selected(node ast.Node, pkg string) string {
	selector, ok := node.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if x, ok := selector.X.(*ast.Ident); !ok || x.Name != pkg {
		return ""
	}
	return selector.Sel.Name
}

// allowed reports whether the file is in one of the places.
func allowed(name string, places []exemption) bool {
	return slices.ContainsFunc(places, func(p exemption) bool { return within(name, []string{p.path}) })
}
