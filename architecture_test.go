// Package tictac holds no code: this test keeps the packages below it in the
// order that docs/design.md describes.
package tictac

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// mayImport says which of our packages each package may import, tests left
// aside. One that is not listed fails the test: put it where it belongs.
var mayImport = map[string][]string{
	"tictac/game":        {},
	"tictac/room":        {"tictac/game"},
	"tictac/history":     {"tictac/room"},
	"tictac/play":        {"tictac/game", "tictac/room"},
	"tictac/storetest":   {"tictac/game", "tictac/history", "tictac/play", "tictac/room"},
	"tictac/sqlite":      {"tictac/history", "tictac/play", "tictac/room"},
	"tictac/redis":       {"tictac/game", "tictac/history", "tictac/play", "tictac/room"},
	"tictac/metrics":     {},
	"tictac/emf":         {},
	"tictac/socket":      {},
	"tictac/card":        {"tictac/game"},
	"tictac/load":        {"tictac/game", "tictac/socket"},
	"tictac/web":         {"tictac/card", "tictac/game", "tictac/history", "tictac/metrics", "tictac/play", "tictac/room", "tictac/socket"},
	"tictac/cmd/tictac":  {"tictac/emf", "tictac/history", "tictac/load", "tictac/play", "tictac/redis", "tictac/room", "tictac/sqlite", "tictac/web"},
	"tictac/bench":       {"tictac/load"},
	"tictac/bench/relay": {"tictac/socket"},
	"tictac/deploy":      {},
	"tictac/deploy/cost": {},
	"tictac/e2e":         {},
	"tictac/e2e/client":  {},
	"tictac":             {},
}

// The core is pure: it imports nothing by which it could wait, ask for the time
// of day, make chance, store or send.
var (
	pure      = []string{"tictac/game", "tictac/room"}
	forbidden = []string{"context", "net", "os", "sync", "database", "log", "math/rand", "crypto", "syscall", "io"}
)

type pkg struct {
	ImportPath string
	Dir        string
	Doc        string
	Imports    []string
}

func packages(t *testing.T) (all []pkg) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,Imports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		allowed, known := mayImport[p.ImportPath]
		if !known {
			t.Errorf("%s is not in the table of this test", p.ImportPath)
		}
		for _, i := range p.Imports {
			if strings.HasPrefix(i, "tictac") && !slices.Contains(allowed, i) {
				t.Errorf("%s imports %s", p.ImportPath, i)
			}
			for _, f := range forbidden {
				if slices.Contains(pure, p.ImportPath) && (i == f || strings.HasPrefix(i, f+"/")) {
					t.Errorf("%s imports %s: it is to be pure", p.ImportPath, i)
				}
			}
		}
	}
}

// TestNothingHeavy: a template calls methods by name, so the linker keeps every
// exported one of every type, 12 MB more; protobuf is another 2 MB.
func TestNothingHeavy(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "./cmd/tictac").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, dep := range strings.Fields(string(out)) {
		if dep == "text/template" || dep == "html/template" || strings.HasPrefix(dep, "google.golang.org/protobuf/") {
			t.Errorf("cmd/tictac depends on %s", dep)
		}
	}
}

// TestComments: every package says what it is for, and every exported name what
// a caller must know.
func TestComments(t *testing.T) {
	for _, p := range packages(t) {
		sources, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		sources = slices.DeleteFunc(sources, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
		if p.Doc == "" && len(sources) > 0 {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
		for _, name := range sources {
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range f.Decls {
				for _, undocumented := range exportedWithoutComment(d) {
					t.Errorf("%s: %s has no comment", name, undocumented)
				}
			}
			if slices.Contains(pure, p.ImportPath) {
				ast.Inspect(f, func(n ast.Node) bool {
					if s, ok := n.(*ast.SelectorExpr); ok && isIdent(s.X, "time") && (s.Sel.Name == "Now" || s.Sel.Name == "Since") {
						t.Errorf("%s asks for the time", name)
					}
					return true
				})
			}
		}
	}
}

func isIdent(x ast.Expr, name string) bool {
	id, ok := x.(*ast.Ident)
	return ok && id.Name == name
}

func exportedWithoutComment(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		// What implements an interface of the standard library or a documented
		// one of ours on an unexported type is explained there.
		if d.Name.IsExported() && d.Doc == nil && (d.Recv == nil || receiverExported(d)) {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
					names = append(names, s.Name.Name)
				}
			case *ast.ValueSpec:
				if s.Names[0].IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					names = append(names, s.Names[0].Name)
				}
			}
		}
	}
	return names
}

func receiverExported(d *ast.FuncDecl) bool {
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}

// TestNoAddresses: lock files name packages and their sums, never from where
// somebody happened to fetch them.
func TestNoAddresses(t *testing.T) {
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(lock), `"resolved"`) {
		t.Error("package-lock.json holds addresses of a registry: npm config set omit-lockfile-registry-resolved true")
	}
}

// TestFileSizes: a file that is looked at twice is one of more than 350 lines.
func TestFileSizes(t *testing.T) {
	const most = 450
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "vendor") {
			return fs.SkipDir
		}
		if ext := filepath.Ext(name); ext != ".go" && ext != ".js" {
			return nil
		}
		text, err := os.ReadFile(name)
		if lines := strings.Count(string(text), "\n"); lines > most {
			t.Errorf("%s has %d lines: part it", name, lines)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
