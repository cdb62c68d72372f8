package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.create("Ann").Code
	start := w.do("GET", "/", "")
	if start.StatusCode != 200 || !strings.Contains(start.body, "<!doctype html>") {
		t.Fatalf("/: %d %.60s", start.StatusCode, start.body)
	}
	wantHeader(t, start, "Content-Type", "text/html; charset=utf-8")
	_, want := previewTags(start.body)
	same := func(body string) bool { // but for the preview
		_, rest := previewTags(body)
		return rest == want
	}
	for path, status := range map[string]int{"/game/" + code: 200, "/game/ffffff": 404, "/game/nonsense": 404, "/game/" + strings.ToUpper(code): 200} {
		if r := w.do("GET", path, ""); r.StatusCode != status || !same(r.body) {
			t.Errorf("%s: %d, want %d and the same page", path, r.StatusCode, status)
		}
	}
	// A slash at the end, as people and chat programs add one, is still for a person.
	for path, status := range map[string]int{"/game/" + code + "/": 200, "/game/ffffff/": 404, "/game/nonsense/": 404} {
		if r := w.do("GET", path, ""); r.StatusCode != status || !same(r.body) {
			t.Errorf("%s: %d %.60q, want %d and the page", path, r.StatusCode, r.body, status)
		}
	}
	if r := w.do("HEAD", "/game/ffffff", ""); r.StatusCode != 404 || r.body != "" {
		t.Errorf("HEAD: %d %q", r.StatusCode, r.body)
	}
	if cc := start.Header.Get("Cache-Control"); cc != "no-cache" && cc != "no-store" {
		t.Errorf("the page may be kept: Cache-Control %q", cc)
	}
	if strings.Contains(start.body, "{{") {
		t.Error("the template was not carried out")
	}
}

// All that the page names is there, under a path with the hash, for ever.
func TestAssets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := w.do("GET", "/", "").body
	links := regexp.MustCompile(`(?:src|href)="(/assets/([0-9a-f]{16})/[^"]+)"`).FindAllStringSubmatch(page, -1)
	if len(links) < 5 {
		t.Fatalf("the page names %v", links)
	}
	types := map[string]string{
		".js": "text/javascript; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
		".svg": "image/svg+xml", ".webmanifest": "application/manifest+json",
	}
	for _, link := range links {
		r := w.do("GET", link[1], "")
		if r.StatusCode != 200 || len(r.body) == 0 {
			t.Errorf("%s: %d", link[1], r.StatusCode)
		}
		wantHeader(t, r, "Cache-Control", "public, max-age=31536000, immutable")
		wantHeader(t, r, "Content-Type", types[link[1][strings.LastIndex(link[1], "."):]])

		// A page of another version, in the middle of a deploy, gets our file.
		foreign := w.do("GET", strings.Replace(link[1], link[2], "0123456789abcdef", 1), "")
		if foreign.StatusCode != 200 || foreign.body != r.body {
			t.Errorf("%s under a foreign hash: %d", link[1], foreign.StatusCode)
		}
		wantHeader(t, foreign, "Cache-Control", "no-store")
	}
	hash := links[0][2]
	for _, path := range []string{"nothing.js", "index.html", "test/state.test.js", "app.src.css", "../server.go", "%2e%2e/server.go", "js/", "js", ""} {
		if r := w.do("GET", "/assets/"+hash+"/"+path, ""); r.StatusCode != 404 {
			t.Errorf("%q: %d %.40q", path, r.StatusCode, r.body)
		}
	}
}

// The hash changes with any file, and only then.
func TestAssetHash(t *testing.T) {
	t.Parallel()
	if a, b := newPages(), newPages(); a.hash != b.hash {
		t.Errorf("two hashes: %s, %s", a.hash, b.hash)
	}
	n := 0
	_ = fs.WalkDir(uiFiles, ".", func(_ string, d fs.DirEntry, _ error) error {
		if !d.IsDir() {
			n++
		}
		return nil
	})
	if got := len(newPages().files) + 1; got != n {
		t.Errorf("%d files are served of %d", got, n)
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	page := w.do("GET", "/", "")
	wantHeader(t, page, "Content-Encoding", "")
	css := regexp.MustCompile(`/assets/[0-9a-f]+/app.css`).FindString(page.body)
	for _, path := range []string{"/", css, "/game/ffffff", "/game/" + w.create("Ann").Code} {
		plain := w.do("GET", path, "")
		zipped := w.do("GET", path, "", "Accept-Encoding", "gzip, br")
		wantHeader(t, zipped, "Content-Encoding", "gzip")
		for _, r := range []reply{plain, zipped} {
			wantHeader(t, r, "Vary", "Accept-Encoding")
		}
		z, err := gzip.NewReader(bytes.NewReader([]byte(zipped.body)))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		if all, err := io.ReadAll(z); err != nil || string(all) != plain.body || len(zipped.body) >= len(plain.body) {
			t.Errorf("%s unzipped is not what is sent plain (%v)", path, err)
		}
		if r := w.do("GET", path, "", "Accept-Encoding", "gzip;q=0"); r.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: gzip although the client refuses it", path)
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/", "/game/ffffff", "/api/games/ffffff", "/nowhere", "/healthz"} {
		r := w.do("GET", path, "")
		policy := r.Header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, part) {
				t.Errorf("%s: the policy %q has no %s", path, policy, part)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
			t.Errorf("%s: the policy is %q", path, policy)
		}
		wantHeader(t, r, "X-Content-Type-Options", "nosniff")
		wantHeader(t, r, "Referrer-Policy", "no-referrer")
	}
	// Scripts and style sheets do without what is said with the page; a picture may be opened as one.
	assets := "/assets/" + newPages().hash
	wantHeader(t, w.do("GET", assets+"/js/main.js", ""), "Content-Security-Policy", "")
	wantHeader(t, w.do("GET", assets+"/app.css", ""), "Content-Security-Policy", "")
	wantHeader(t, w.do("GET", assets+"/img/favicon.svg", ""), "Content-Security-Policy", contentSecurityPolicy)
}
