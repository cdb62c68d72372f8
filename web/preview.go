package web

import (
	"html"
	"net/http"
	"strconv"

	"tictac/card"
)

// A preview is what a chat shows of a link to one of our pages: Open Graph tags,
// which Twitter and the others read too.
type preview struct {
	title, description string
	path               string // of the page, empty if its address may stay what it is
	picture            string // the path of its picture
	alt                string // that in words
}

// sitePreview is the preview of a page that is about no game in particular.
var sitePreview = preview{
	title:       card.Card{}.Title(),
	description: "Start a game, send the link, play at once.",
	picture:     "/card.png",
	alt:         card.Card{}.Sentence(),
}

// previewOf is the preview of a room. Chats keep pictures by their address, which
// is another as soon as the room is.
func previewOf(code string, rev int64, c card.Card) preview {
	p := preview{
		title: c.Title(), alt: c.Alt(), path: "/game/" + code,
		picture: "/game/" + code + "/card.png?v=" + strconv.FormatInt(rev, 10),
	}
	switch c.Stand {
	case card.Invites:
		p.description = "Open the link and play at once: no account, nothing to install."
	case card.Playing:
		p.description = "Open the link to watch the game."
	default:
		p.description = "Open the link to see the game."
	}
	return p
}

func previewOfRound(id string, c card.Card) preview {
	return preview{
		title: c.Title(), alt: c.Alt(), path: "/replay/" + id, picture: "/replay/" + id + "/card.png",
		description: "Step through the game, move by move.",
	}
}

// longestHost is the length of the longest host name there may be, and its port.
const longestHost = 255 + len(":65535")

// appendTags appends the tags of a page that was asked for by r. Addresses in
// them are absolute, as readers want them; without a host there are none.
func (s *Server) appendTags(b []byte, r *http.Request, p preview) []byte {
	meta := func(attribute, name, content string) {
		b = append(append(append(append(b, "<meta "...), attribute...), `="`...), name...)
		b = append(append(append(b, `" content="`...), html.EscapeString(content)...), "\">\n"...)
	}
	meta("property", "og:type", "website")
	meta("property", "og:site_name", "Tic-tac-toe")
	meta("property", "og:title", p.title)
	meta("property", "og:description", p.description)
	if r.Host != "" && len(r.Host) <= longestHost {
		site := "http://" + r.Host
		if byHTTPS(r, s.cfg.TrustedProxies) {
			site = "https://" + r.Host
		}
		if p.path != "" {
			meta("property", "og:url", site+p.path)
		}
		meta("property", "og:image", site+p.picture)
		meta("property", "og:image:type", "image/png")
		meta("property", "og:image:width", strconv.Itoa(card.Width))
		meta("property", "og:image:height", strconv.Itoa(card.Height))
		meta("property", "og:image:alt", p.alt)
	}
	meta("name", "twitter:card", "summary_large_image")
	return b
}
