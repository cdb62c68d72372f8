package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
)

// The pages, and what they are made of. Tests and sources of the style sheet
// are not served.
//
//go:embed ui/index.html ui/manifest.webmanifest ui/app.css ui/js ui/img
var uiFiles embed.FS

// contentSecurityPolicy lets a page load only what this server serves, and run
// nothing that is written into it.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; " +
	"img-src 'self' data:; connect-src 'self'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func securityHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// pages are the files of the user interface, ready to be sent.
type pages struct {
	hash  string // of all assets: a part of their path, so that they never change under one
	index shell
	files map[string]file // by path below ui/
}

// A file is a body in both forms in which it is sent.
type file struct {
	contentType   string
	plain, zipped []byte
}

// newPages panics if the embedded files are not what the build put there.
func newPages() *pages {
	p := &pages{files: map[string]file{}}
	sum := sha256.New()
	var index []byte
	err := fs.WalkDir(uiFiles, "ui", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := uiFiles.ReadFile(name)
		if err != nil {
			return err
		}
		if name = strings.TrimPrefix(name, "ui/"); name == "index.html" {
			index = body
			return nil
		}
		fmt.Fprintf(sum, "%s %d\n%s", name, len(body), body)
		p.files[name] = newFile(name, body)
		return nil
	})
	if err != nil {
		panic(err)
	}
	p.hash = hex.EncodeToString(sum.Sum(nil))[:16]
	// Two words are to be filled in: not worth half a megabyte of template package.
	index = bytes.ReplaceAll(index, []byte("{{.Assets}}"), []byte("/assets/"+p.hash))
	p.index = newShell("index.html", index, "{{.Preview}}\n")
	return p
}

func newFile(name string, body []byte) file {
	f := file{contentType: contentType(name), plain: body}
	var zipped bytes.Buffer
	z, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression) // the level is right
	_, _ = z.Write(body)                                       // into memory
	_ = z.Close()
	if zipped.Len() < len(body) {
		f.zipped = zipped.Bytes()
	}
	return f
}

// contentType does not depend on what the system knows of file names.
func contentType(name string) string {
	switch path.Ext(name) {
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".webmanifest":
		return "application/manifest+json"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}

// send writes a file in the form that the client takes.
func (f file) send(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("Vary", "Accept-Encoding")
	body := f.plain
	if f.zipped != nil && acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = f.zipped
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// acceptsGzip reports whether a client says that it takes gzip.
func acceptsGzip(r *http.Request) bool {
	for item := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		coding, weight, _ := strings.Cut(strings.ReplaceAll(item, " ", ""), ";q=")
		if strings.EqualFold(coding, "gzip") {
			return strings.Trim(weight, "0.") != "" || weight == ""
		}
	}
	return false
}

// asset sends a file of the user interface. Under our hash it never changes. A
// page of another version, before or after us in a deploy, gets our file once.
func (p *pages) asset(w http.ResponseWriter, r *http.Request) {
	f, ok := p.files[chi.URLParam(r, "*")]
	if !ok {
		writeProblem(w, notFound)
		return
	}
	if strings.HasPrefix(f.contentType, "text/") { // no document: the policy that counts is that of the page
		w.Header().Del("Content-Security-Policy")
	}
	if chi.URLParam(r, "hash") == p.hash {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-store")
	}
	f.send(w, r, http.StatusOK)
}

func (s *Server) startPage(w http.ResponseWriter, r *http.Request) {
	s.page(w, r, http.StatusOK, sitePreview)
}

// gamePage is the same page but for its preview; its status tells programs
// whether there is such a room. The page finds out by itself.
func (s *Server) gamePage(w http.ResponseWriter, r *http.Request) {
	p := sitePreview
	err := s.find(w, r, func(code string) error {
		v, err := s.cfg.House.Look(r.Context(), code)
		if err == nil {
			p = previewOf(code, v.State.Rev, cardOf(v.State.View(v.At)))
		}
		return err
	})
	status := http.StatusOK
	if err != nil {
		status = problemOf(err).status
	}
	s.page(w, r, status, p)
}

func (s *Server) replayPage(w http.ResponseWriter, r *http.Request) {
	s.archivePage(w, r, func(ctx context.Context) (preview, error) {
		rec, err := s.findRound(ctx, pathParam(r, "id"))
		return previewOfRound(rec.ID, cardOfRound(rec)), err
	})
}

func (s *Server) playerPage(w http.ResponseWriter, r *http.Request) {
	s.archivePage(w, r, func(ctx context.Context) (preview, error) {
		_, err := s.findPlayer(ctx, pathParam(r, "id"))
		return sitePreview, err
	})
}

// archivePage is to the archive as gamePage is to rooms.
func (s *Server) archivePage(w http.ResponseWriter, r *http.Request, ask func(ctx context.Context) (preview, error)) {
	p, status := sitePreview, http.StatusOK
	if wait, ok := s.reads.take(s.address(r), time.Now()); !ok {
		retryAfter(w, wait)
		status = tooMany.status
	} else if err := s.askArchive(w, r, func(ctx context.Context) error {
		found, err := ask(ctx)
		if err == nil {
			p = found
		}
		return err
	}); err != nil {
		status = problemOf(err).status
	}
	s.page(w, r, status, p)
}

func (s *Server) page(w http.ResponseWriter, r *http.Request, status int, p preview) {
	w.Header().Set("Cache-Control", "no-cache")
	tags := s.appendTags(make([]byte, 0, 2<<10), r, p)
	s.pages.index.with(tags).send(w, r, status)
}
