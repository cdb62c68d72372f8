package web

import (
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// clientAddress is who a request comes from: an IPv4 address or the /64 network
// of an IPv6 address. X-Forwarded-For is believed as far as trusted proxies
// wrote it: the last entry that is not itself trusted is the client.
func clientAddress(r *http.Request, trusted []netip.Prefix) netip.Prefix {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Prefix{}
	}
	addr := peer.Addr().Unmap()
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, entry := range slices.Backward(forwarded) {
		if !isTrusted(addr, trusted) {
			break
		}
		next, err := parseForwarded(strings.TrimSpace(entry))
		if err != nil {
			break
		}
		addr = next
	}
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	prefix, _ := addr.WithZone("").Prefix(bits) // the length is right
	return prefix
}

// parseForwarded reads an entry of X-Forwarded-For; some proxies add the port.
func parseForwarded(entry string) (netip.Addr, error) {
	if addr, err := netip.ParseAddr(entry); err == nil {
		return addr.Unmap(), nil
	}
	withPort, err := netip.ParseAddrPort(entry)
	return withPort.Addr().Unmap(), err
}

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	return slices.ContainsFunc(trusted, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// originAllowed reports whether the page that makes a request is ours or one of
// those allowed. Programs, which send no Origin, are allowed: they hold no
// visitor's cookies or seats. The scheme is not compared, since TLS may end in
// front of us.
func originAllowed(r *http.Request, allowed []string) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return len(r.Header.Values("Origin")) == 0
	}
	if slices.Contains(allowed, strings.ToLower(origin)) {
		return true
	}
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" {
		return false
	}
	return withPort(u.Host, u.Scheme) == withPort(r.Host, u.Scheme)
}

// withPort adds the default port of a scheme to a host that names none.
func withPort(host, scheme string) string {
	host = strings.ToLower(host)
	if u := (url.URL{Host: host}); u.Port() == "" {
		if scheme == "https" {
			return host + ":443"
		}
		return host + ":80"
	}
	return host
}
