package web

import (
	"html"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

var metaTag = regexp.MustCompile(`<meta (?:property|name)="((?:og|twitter):[a-z:_]+)" content="([^"<>]*)">\n`)

// previewTags are the tags of a page, and the rest of it.
func previewTags(page string) (tags map[string]string, rest string) {
	tags = map[string]string{}
	for _, m := range metaTag.FindAllStringSubmatch(page, -1) {
		tags[m[1]] = html.UnescapeString(m[2])
	}
	return tags, metaTag.ReplaceAllString(page, "")
}

func (w *world) wantTags(path string, want map[string]string) map[string]string {
	w.t.Helper()
	tags, _ := previewTags(w.do("GET", path, "").body)
	for name, content := range want {
		if tags[name] != content {
			w.t.Errorf("%s: %s is %q, want %q", path, name, tags[name], content)
		}
	}
	return tags
}

func TestPreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	site := w.wantTags("/", map[string]string{
		"og:title": "Tic-tac-toe for two", "og:site_name": "Tic-tac-toe", "og:type": "website",
		"og:url": "", "og:image": w.url + "/card.png",
		"og:image:width": "1200", "og:image:height": "630", "og:image:type": "image/png",
		"twitter:card": "summary_large_image",
	})
	a := w.create("Ann")
	path := "/game/" + a.Code
	tags := w.wantTags("/game/"+strings.ToUpper(a.Code)+"/", map[string]string{
		"og:title": "Ann invites you to tic-tac-toe", "og:url": w.url + path,
		"og:description": "Open the link and play at once: no account, nothing to install.",
		"og:image:alt":   "A tic-tac-toe board, row by row: – – –, – – –, – – –. Ann invites you to tic-tac-toe.",
		"og:image:width": "1200", "og:image:height": "630", "twitter:card": "summary_large_image",
	})
	picture, found := strings.CutPrefix(tags["og:image"], w.url)
	if r := w.do("GET", picture, ""); !found || r.StatusCode != 200 || r.Header.Get("Content-Type") != "image/png" {
		t.Errorf("%s: %d", tags["og:image"], r.StatusCode)
	}
	host, _ := w.enter(a)
	guest, _ := w.enter(w.join(a.Code, "Bob"))
	host.move(4)
	now := w.wantTags(path, map[string]string{"og:title": "Ann against Bob — O to move", "og:description": "Open the link to watch the game."})
	if now["og:image"] == tags["og:image"] {
		t.Error("the picture of another board has the same address")
	}
	guest.say(`{"type":"resign"}`)
	host.until(func(v roomView) bool { return v.Phase == "over" })
	w.wantTags(path, map[string]string{"og:title": "Ann won against Bob", "og:description": "Open the link to see the game."})
	for name, content := range w.wantTags("/game/ffffff", nil) {
		if content != site[name] {
			t.Errorf("no such room: %s is %q", name, content)
		}
	}
}

func TestReplayPreview(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := "/replay/" + w.playRound(w.visitor(), w.visitor())
	w.wantTags(path, map[string]string{
		"og:title": "Ann won against Bob", "og:url": w.url + path, "og:image": w.url + path + "/card.png",
		"og:description": "Step through the game, move by move.",
		"og:image:alt":   "A tic-tac-toe board, row by row: O O –, O X –, X X X. Ann won.",
	})
	for _, path := range []string{"/replay/nothing", "/me", "/leaderboard", "/player/nobody"} {
		w.wantTags(path, map[string]string{"og:title": "Tic-tac-toe for two", "og:url": "", "og:image": w.url + "/card.png"})
	}
}

// A name is text, whatever it looks like.
func TestPreviewIsText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, want := previewTags(w.do("GET", "/", "").body)
	for _, name := range []string{`"><script>1</script>`, `'><img src=x>`, `&quot;&#34;&lt;b&gt;`, "{{.Preview}}", "{{.Assets}}", "</head>", `\"`} {
		a := w.create(strings.ReplaceAll(strings.ReplaceAll(name, `\`, `\\`), `"`, `\"`))
		tags, rest := previewTags(w.do("GET", "/game/"+a.Code, "").body)
		if rest != want {
			t.Errorf("%q changes the page", name)
		}
		if title := name + " invites you to tic-tac-toe"; tags["og:title"] != title {
			t.Errorf("the title is %q, want %q", tags["og:title"], title)
		}
	}
}

// The addresses in the tags are those by which the browser has come.
func TestPreviewAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *settings) { behindProxy(s) })
	handler := w.server.Handler()
	for _, c := range []struct {
		host, peer, proto string
		want              string // empty: no address at all
	}{
		{"play.example", "192.0.2.1:4000", "", "http://play.example"},
		{"play.example:3000", "192.0.2.1:4000", "https", "http://play.example:3000"}, // nobody we trust says so
		{"play.example", "127.0.0.1:4000", "https", "https://play.example"},
		{"play.example", "127.0.0.1:4000", "http", "http://play.example"},
		{"play.example", "127.0.0.1:4000", "gopher", "http://play.example"},
		{"[::1]:3000", "[::1]:4000", "HTTPS", "https://[::1]:3000"},
		{`a"><b>.example`, "127.0.0.1:4000", "", `http://a"><b>.example`},
		{"", "127.0.0.1:4000", "", ""},
		{strings.Repeat("a", 100_000), "127.0.0.1:4000", "", ""},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host, r.RemoteAddr = c.host, c.peer
		if c.proto != "" {
			r.Header.Set("X-Forwarded-Proto", c.proto)
		}
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		tags, _ := previewTags(rec.Body.String())
		image := ""
		if c.want != "" {
			image = c.want + "/card.png"
		}
		if tags["og:image"] != image || tags["og:title"] == "" {
			t.Errorf("%.40q from %s by %q: %q", c.host, c.peer, c.proto, tags["og:image"])
		}
	}
}
