package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"tictac/e2e/client"
)

// A deploy is two servers of an old version, two of a new one, a Redis below and
// a balancer in front: what ECS does with minimum 100 % and maximum 200 %.
type deploy struct {
	t        *testing.T
	redis    *redisServer
	balancer *proxy
	addrs    [4]string
	old, new [2]*server
	load     *load
}

const deployGames = 100

// deployFlags are those of deploy/stack.yaml, as far as they matter here.
func deployFlags() []string {
	return append(append(slowly(), "--trusted-proxies", "127.0.0.0/8"), noLimits...)
}

// startDeploy has the old version serve many games, which go on.
func startDeploy(t *testing.T, oldVersion string) *deploy {
	t.Helper()
	d := &deploy{t: t, redis: startRedis(t)}
	for i := range d.addrs {
		host := ownHost()
		d.addrs[i] = host + ":" + freePort(t, host)
	}
	for i := range d.old {
		d.old[i] = startVersion(t, oldVersion, d.addrs[i], d.redis.url(), deployFlags()...)
	}
	d.balancer = startProxy(t, d.addrs[:])
	ctx := patience(t, 100*time.Second)
	var matches []*match
	for range deployGames {
		m, err := openMatch(d.balancer.plain)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(m.close)
		if err := m.bothOnline(ctx); err != nil {
			t.Fatal(err)
		}
		matches = append(matches, m)
	}
	d.load = playAll(ctx, t, matches, time.Second)
	d.load.more(1)
	return d
}

// rollOut starts the new version and waits until the balancer sends it players.
func (d *deploy) rollOut(newVersion string) {
	d.t.Helper()
	for i := range d.new {
		d.new[i] = startVersion(d.t, newVersion, d.addrs[2+i], d.redis.url(), deployFlags()...)
	}
	for i := range d.addrs {
		d.balancer.wait(i, "UP")
	}
}

// stopOld is SIGTERM for both old servers, as ECS does it: at the same time.
func (d *deploy) stopOld() {
	d.t.Helper()
	for _, s := range d.old {
		s.signal(syscall.SIGTERM)
	}
	for _, s := range d.old {
		if code := s.wait(70 * time.Second); code != 0 {
			d.t.Errorf("a deploy: exit code %d:\n%s", code, s.logged())
		}
	}
}

// check looks that everybody came back soon, and that no move was lost.
func (d *deploy) check(what string) {
	d.t.Helper()
	var away []time.Duration
	eventually(d.t, 60*time.Second, what+": all players are back", func() error {
		away = away[:0]
		for _, p := range d.load.players() {
			all := p.Absences()
			if len(all) == 0 || p.At() == "" {
				return fmt.Errorf("%s of %s is not: %v", p.Seat.You, p.Seat.Code, p.Codes())
			}
			away = append(away, all...)
		}
		return nil
	})
	d.t.Logf("%s: %d times a player was without a server, half of them within %v", what, len(away), percentile(away, 50))
	within(d.t, what+": without a server (p99)", percentile(away, 99), 2*time.Second)
	d.load.more(1)
	d.load.checkFiled(d.redis) // not how it is counted: rooms may be of a version that this one cannot read
}

// wantClosed looks that nobody's connection broke: each was closed with 1012.
func (d *deploy) wantClosed(what string) {
	d.t.Helper()
	for _, p := range d.load.players() {
		if p.Broken() > 0 || p.Codes()[1012] == 0 {
			d.t.Errorf("%s: %s of %s: %d connections broke; closed with %v", what, p.Seat.You, p.Seat.Code, p.Broken(), p.Codes())
		}
	}
}

// TestDeploy replaces the previous version by this one under a hundred games.
func TestDeploy(t *testing.T) {
	measures(t)
	d := startDeploy(t, previousVersion(t))
	d.rollOut("")
	d.stopOld()
	d.check("a deploy")
	d.wantClosed("a deploy")
}

// TestDeployCutFirst has the balancer cut all connections to the old servers
// before these know that they are to stop: ECS takes a task out of the target
// group first, and after the deregistration delay its connections end.
func TestDeployCutFirst(t *testing.T) {
	measures(t)
	d := startDeploy(t, "")
	d.rollOut("")
	for i := range d.old {
		d.balancer.cut(i)
	}
	d.stopOld()
	d.check("a deploy with all connections cut first")
	broken := 0
	for _, p := range d.load.players() {
		broken += p.Broken()
	}
	if broken < len(d.load.players()) {
		t.Errorf("only %d connections were cut of %d players", broken, len(d.load.players()))
	}
}

// TestDeployNextFormat has the next version write rooms in another format, and
// serve other files, beside the previous one.
func TestDeployNextFormat(t *testing.T) {
	measures(t)
	d := startDeploy(t, previousVersion(t))
	d.rollOut(nextVersion(t))
	d.assets()
	d.stopOld()
	d.check("a deploy of another format")
	d.wantClosed("a deploy of another format")
}

// assets asks for what the pages of both versions need while both serve: whoever
// answers has a file, to be kept only if it is the one that was meant.
func (d *deploy) assets() {
	d.t.Helper()
	pages := map[string]string{}
	for _, s := range []*server{d.old[0], d.new[0]} {
		_, page, err := client.Get(s.addr, "/")
		if err != nil {
			d.t.Fatal(err)
		}
		pages[regexp.MustCompile(`/assets/[0-9a-f]+`).FindString(page)] = page
	}
	if len(pages) != 2 || pages[""] != "" {
		d.t.Fatalf("the two versions have not two sets of files: %v", pages)
	}
	for prefix, page := range pages {
		for _, path := range regexp.MustCompile(prefix+`/[^"]+`).FindAllString(page, -1) {
			kept := map[string]int{} // by Cache-Control
			for range len(d.addrs) {
				res, err := impatient.Get("http://" + d.balancer.plain + path)
				if err != nil {
					d.t.Fatal(err)
				}
				res.Body.Close()
				kept[res.Header.Get("Cache-Control")]++
				if res.StatusCode != http.StatusOK || res.ContentLength == 0 || strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem") {
					d.t.Errorf("%s: status %d, %d bytes of %q", path, res.StatusCode, res.ContentLength, res.Header.Get("Content-Type"))
				}
			}
			if kept["no-store"] == 0 || kept["public, max-age=31536000, immutable"] == 0 || len(kept) != 2 {
				d.t.Errorf("%s is to be kept %v", path, kept)
			}
		}
	}
}

// TestDeployWithoutState is a deploy where games live in the one task there is,
// whose disk goes with it (State=none of deploy/stack.yaml): the old one is stopped,
// then the new one starts. All games are lost, and everybody is told so.
func TestDeployWithoutState(t *testing.T) {
	measures(t)
	var addrs [2]string
	for i := range addrs {
		host := ownHost()
		addrs[i] = host + ":" + freePort(t, host)
	}
	old := startVersion(t, "", addrs[0], "sqlite:"+newFile(t), "--trusted-proxies", "127.0.0.0/8")
	balancer := startProxy(t, addrs[:])
	ctx := patience(t, 60*time.Second)
	var matches []*match
	for range 4 {
		m, err := openMatch(balancer.plain)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(m.close)
		if err := m.bothOnline(ctx); err != nil {
			t.Fatal(err)
		}
		if err := m.play(ctx, 1, 0, draws[:3], nil); err != nil {
			t.Fatal(err)
		}
		matches = append(matches, m)
	}

	began := time.Now()
	old.signal(syscall.SIGTERM)
	if code := old.wait(patient); code != 0 {
		t.Errorf("exit code %d", code)
	}
	startVersion(t, "", addrs[1], "sqlite:"+newFile(t), "--trusted-proxies", "127.0.0.0/8")
	eventually(t, patient, "there is a server again", balancer.ready)
	within(t, "State=none: no server, were the next one at hand at once", time.Since(began), 5*time.Second)

	for _, m := range matches {
		for _, p := range []*client.Player{m.host, m.guest} {
			reason, err := p.AwaitGone(ctx)
			if err != nil || reason != "not_found" || p.Codes()[1012] != 1 || p.Codes()[4000] != 1 {
				t.Errorf("State=none: %s is told %q, %v, and closed with %v", p.Seat.You, reason, err, p.Codes())
			}
		}
		if _, err := client.Look(balancer.plain, m.host.Seat.Code); !isProblem(err, "game_not_found") {
			t.Errorf("State=none: looking for a game: %v", err)
		}
	}
	again, err := openMatch(balancer.plain)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(again.close)
	if err := again.play(ctx, 1, 0, lineWins, nil); err != nil {
		t.Errorf("State=none: a new game: %v", err)
	}
}
