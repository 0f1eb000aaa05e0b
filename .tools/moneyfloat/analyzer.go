package main

import (
	"go/ast"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

var analyzer = &analysis.Analyzer{
	Name: "moneyfloat",
	Doc:  "reports where money (names that end in Minor) meets a float",
	Run:  run,
}

var views string

func init() {
	analyzer.Flags.StringVar(&views, "views", "", "packages, by import path, or files of them, as PATH/FILE.go, "+
		"comma-separated, in which money may become a float")
}

// check is the work on one file.
type check struct {
	*analysis.Pass
	view  bool                  // money may become a float here
	money map[types.Object]bool // local variables that hold money under another name
}

func run(pass *analysis.Pass) (any, error) {
	for _, file := range pass.Files {
		c := check{Pass: pass, view: isView(pass, file), money: map[types.Object]bool{}}
		for known := -1; known < len(c.money); { // until nothing is learnt: money may come round by a loop
			known = len(c.money)
			ast.Inspect(file, func(n ast.Node) bool { c.assignments(n, c.learn); return true })
		}
		ast.Inspect(file, c.visit)
	}
	return nil, nil
}

func isView(pass *analysis.Pass, file *ast.File) bool {
	path, _, _ := strings.Cut(pass.Pkg.Path(), " ") // "p [p.test]"
	name := filepath.Base(pass.Fset.Position(file.Pos()).Filename)
	list := strings.Split(views, ",")
	return slices.Contains(list, path) || slices.Contains(list, path+"/"+name)
}

func (c *check) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.Ident: // minor alone is a word of algebra too
		if o := c.TypesInfo.Defs[n]; o != nil && len(n.Name) > len("minor") && named(n.Name) && isFloat(o.Type()) {
			c.Reportf(n.Pos(), "%s is called money and is a float", n.Name)
		}
	case *ast.CallExpr:
		if to, of := c.conversion(n); of != nil && isFloat(to) && c.isMoney(of) && !c.view {
			c.Reportf(n.Pos(), "money becomes a float: only a view may do that")
		}
		c.arguments(n)
	case *ast.FuncDecl:
		if named(n.Name.Name) && n.Body != nil {
			c.returns(n.Body)
		}
	}
	c.assignments(n, c.judge)
	return true
}

// assignments visits what a node gives a value, and the value.
func (c *check) assignments(n ast.Node, visit func(to ast.Expr, value ast.Expr)) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			if len(n.Lhs) == len(n.Rhs) {
				visit(to, n.Rhs[i])
			}
		}
		if len(n.Lhs) > len(n.Rhs) { // and an error
			visit(n.Lhs[0], n.Rhs[0])
		}
	case *ast.ValueSpec:
		for i, to := range n.Names {
			if len(n.Names) == len(n.Values) {
				visit(to, n.Values[i])
			}
		}
	case *ast.KeyValueExpr:
		visit(n.Key, n.Value)
	case *ast.RangeStmt:
		if n.Value != nil {
			visit(n.Value, n.X)
		}
	}
}

// learn keeps that a variable was set to money.
func (c *check) learn(to, value ast.Expr) {
	if name, ok := to.(*ast.Ident); ok && c.isMoney(value) {
		o := c.TypesInfo.Defs[name]
		if o == nil {
			o = c.TypesInfo.Uses[name]
		}
		if v, ok := o.(*types.Var); ok && !v.IsField() && v.Parent() != v.Pkg().Scope() {
			c.money[o] = true
		}
	}
}

func (c *check) judge(to, value ast.Expr) {
	if c.called(to) && c.ofFloat(value) {
		c.Reportf(value.Pos(), "a float becomes money")
	}
}

// arguments looks at what a call passes to parameters that are called money.
func (c *check) arguments(call *ast.CallExpr) {
	t := c.TypesInfo.TypeOf(call.Fun)
	if t == nil {
		return
	}
	f, ok := t.Underlying().(*types.Signature)
	if !ok {
		return
	}
	for i, value := range call.Args {
		if i < f.Params().Len() && named(f.Params().At(i).Name()) && c.ofFloat(value) {
			c.Reportf(value.Pos(), "a float becomes money")
		}
	}
}

func (c *check) returns(body *ast.BlockStmt) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) > 0 && c.ofFloat(n.Results[0]) {
				c.Reportf(n.Pos(), "a float becomes money")
			}
		}
		return true
	})
}

// conversion is the type that a call converts to, and what; of is nil where it is no conversion.
func (c *check) conversion(call *ast.CallExpr) (to types.Type, of ast.Expr) {
	if t, ok := c.TypesInfo.Types[call.Fun]; ok && t.IsType() && len(call.Args) == 1 {
		return t.Type, call.Args[0]
	}
	return nil, nil
}

// isMoney tells whether an integer, or a list of them, is money.
func (c *check) isMoney(e ast.Expr) bool {
	t := c.TypesInfo.TypeOf(e)
	if results, ok := t.(*types.Tuple); ok && results.Len() > 0 {
		t = results.At(0).Type()
	}
	if t == nil || !ofIntegers(t) {
		return false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		x, y := c.isMoney(e.X), c.isMoney(e.Y)
		if e.Op.String() == "/" || e.Op.String() == "%" {
			return x && !y
		}
		return x || y
	case *ast.UnaryExpr:
		return c.isMoney(e.X)
	case *ast.IndexExpr:
		return c.isMoney(e.X)
	case *ast.SliceExpr:
		return c.isMoney(e.X)
	case *ast.CallExpr:
		if _, of := c.conversion(e); of != nil {
			return c.isMoney(of)
		}
		return c.called(e.Fun) || sums(e.Fun) && slices.ContainsFunc(e.Args, c.isMoney)
	}
	return c.called(e)
}

// sums tells the functions whose result is money if an argument is: min, max, and those that add with a check.
func sums(f ast.Expr) bool {
	switch f := ast.Unparen(f).(type) {
	case *ast.Ident:
		return slices.Contains([]string{"min", "max", "Add", "Sub"}, f.Name)
	case *ast.SelectorExpr:
		return f.Sel.Name == "Add" || f.Sel.Name == "Sub"
	}
	return false
}

// called tells whether an expression is called money, or is a variable that was set to some.
func (c *check) called(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return named(e.Name) || c.money[c.TypesInfo.Uses[e]]
	case *ast.SelectorExpr:
		return named(e.Sel.Name)
	case *ast.StarExpr:
		return c.called(e.X)
	case *ast.IndexExpr:
		return c.called(e.X)
	}
	return false
}

// ofFloat tells whether an integer is made of a float, on the way to where it stands.
func (c *check) ofFloat(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		return c.ofFloat(e.X) || c.ofFloat(e.Y)
	case *ast.UnaryExpr:
		return c.ofFloat(e.X)
	case *ast.CallExpr:
		to, of := c.conversion(e)
		if of == nil || !ofIntegers(to) {
			return false
		}
		t := c.TypesInfo.Types[of]
		return isFloat(t.Type) && t.Value == nil || c.ofFloat(of)
	}
	return false
}

func named(name string) bool {
	return name == "minor" || strings.HasSuffix(name, "Minor") || strings.HasSuffix(name, "_minor")
}

func isFloat(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsFloat != 0
}

// ofIntegers tells an integer, and a list, map or pointer of them.
func ofIntegers(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsInteger != 0
	case *types.Slice:
		return ofIntegers(u.Elem())
	case *types.Array:
		return ofIntegers(u.Elem())
	case *types.Map:
		return ofIntegers(u.Elem())
	case *types.Pointer:
		return ofIntegers(u.Elem())
	}
	return false
}
