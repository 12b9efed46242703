package archtest

import (
	"errors"
	"go/ast"
	"go/token"
	"go/types"
)

// checkGlobals refuses changes of package-level variables. A variable that is set
// once in its declaration is a constant with another spelling; one that changes is
// state that two servers in one process would share.
func checkGlobals(sources []source) []string {
	packages := make(map[string][]source)
	for _, s := range sources {
		packages[s.dir] = append(packages[s.dir], s)
	}
	var found []string
	for dir, files := range packages {
		uses, scope := resolve(dir, files)
		for _, s := range files {
			ast.Inspect(s.tree, func(node ast.Node) bool {
				for _, changed := range changes(node) {
					if v, ok := uses[root(changed)].(*types.Var); ok && v.Parent() == scope {
						found = append(found, s.at(node)+": changes the package variable "+v.Name()+": make it a field of somebody")
					}
				}
				return true
			})
		}
	}
	return found
}

// noImports makes the type checker go on without the imported packages: the names of
// this package are all that is wanted.
type noImports struct{}

// Import implements types.Importer.
func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not needed") }

// resolve returns what each name in the files means, and the scope of the package.
func resolve(dir string, files []source) (map[*ast.Ident]types.Object, *types.Scope) {
	trees := make([]*ast.File, len(files))
	for i, s := range files {
		trees[i] = s.tree
	}
	info := &types.Info{Uses: make(map[*ast.Ident]types.Object)}
	config := types.Config{Importer: noImports{}, Error: func(error) {}}
	// The missing imports are errors, but the rest is resolved all the same.
	pkg, _ := config.Check(dir, files[0].fset, trees, info)
	return info.Uses, pkg.Scope()
}

// changes returns the expressions that node gives another value.
func changes(node ast.Node) []ast.Expr {
	switch n := node.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.CallExpr:
		if name, ok := n.Fun.(*ast.Ident); ok && (name.Name == "delete" || name.Name == "clear") && len(n.Args) > 0 {
			return n.Args[:1]
		}
	}
	return nil
}

// root returns the variable that an expression like v[i].field is a part of.
func root(e ast.Expr) *ast.Ident {
	switch x := e.(type) {
	case *ast.Ident:
		return x
	case *ast.IndexExpr:
		return root(x.X)
	case *ast.SelectorExpr:
		return root(x.X)
	case *ast.StarExpr:
		return root(x.X)
	case *ast.ParenExpr:
		return root(x.X)
	}
	return nil
}
