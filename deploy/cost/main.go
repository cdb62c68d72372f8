// Command cost prints what a month of the game on AWS costs, for what make deploy
// would be told: STATE, CPU, MEMORY, MIN_TASKS, PLAYERS_PER_TASK, SPOT_SHARE,
// STORE_SIZE, DOMAIN, EMAIL; and for PLAYERS, how many play at all times.
package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
)

func main() {
	c, err := choose(os.Getenv)
	if err != nil {
		fmt.Fprintln(os.Stderr, "make cost:", err)
		os.Exit(2)
	}
	show(os.Stdout, readPrices(), c)
}

// choose reads what was chosen; the defaults are those of stack.yaml.
func choose(getenv func(string) string) (c choice, err error) {
	text := func(name, def string, allowed ...string) string {
		v := getenv(name)
		if v == "" {
			v = def
		}
		if !slices.Contains(allowed, v) && err == nil {
			err = fmt.Errorf("%s=%s: it is one of %v", name, v, allowed)
		}
		return v
	}
	number := func(name string, def, least int) int {
		v := getenv(name)
		if v == "" {
			return def
		}
		n, e := strconv.Atoi(v)
		if (e != nil || n < least) && err == nil {
			err = fmt.Errorf("%s=%s: it is a whole number from %d up", name, v, least)
		}
		return n
	}
	figure := func(name, def string, allowed ...string) int {
		n, _ := strconv.Atoi(text(name, def, allowed...))
		return n
	}
	c = choice{
		state: text("STATE", "redis", "none", "redis", "redis-durable"), size: text("STORE_SIZE", "small", "small", "medium", "large"),
		cpu: figure("CPU", "256", "256", "512", "1024", "2048"), memory: figure("MEMORY", "512", "512", "1024", "2048", "4096", "8192"),
		spot: figure("SPOT_SHARE", "0", "0", "25", "50", "75", "100"), domain: getenv("DOMAIN") != "", alarms: getenv("EMAIL") != "",
		players: number("PLAYERS", 100, 0),
	}
	if (c.memory < 2*c.cpu || c.memory > 8*c.cpu) && err == nil {
		err = fmt.Errorf("MEMORY=%d: Fargate gives 2 to 8 times CPU=%d", c.memory, c.cpu)
	}
	perTask := number("PLAYERS_PER_TASK", 4000, 1)
	c.tasks = max(number("MIN_TASKS", 1, 1), (c.players+perTask-1)/max(perTask, 1))
	if c.state == "none" {
		c.tasks = 1 // two would be two worlds
	}
	return c, err
}

// show prints the bill, the original's, and what else could be chosen.
func show(w io.Writer, t priceTable, c choice) {
	yes := map[bool]string{true: "yes", false: "no"}
	fmt.Fprintf(w, "A month on AWS in %s, in USD: list prices, whose age and source is in deploy/cost/prices.json.\n", t.Region)
	fmt.Fprintf(w, "STATE=%s STORE_SIZE=%s SPOT_SHARE=%d CPU=%d MEMORY=%d, %d task(s); DOMAIN: %s; EMAIL: %s; PLAYERS=%d at all times\n\n",
		c.state, c.size, c.spot, c.cpu, c.memory, c.tasks, yes[c.domain], yes[c.alarms], c.players)
	b := draw(t, c)
	for _, i := range b.items {
		fmt.Fprintf(w, "  %-22s %8.2f   %s\n", i.what, i.usd, i.how)
	}
	fmt.Fprintf(w, "  %-22s %8.2f\n\n", "together", b.total())
	if node := t.Prices[nodes[c.state][c.size]]; node.Computed != "" {
		fmt.Fprintf(w, "The price of the store was not looked up: %s.\n\n", node.Computed)
	}
	fmt.Fprintf(w, "The original (an x86 task, games in its memory, no HTTPS, alarms or scaling): %.2f by these prices;\nits author tells of about 40.\n\n", original(t).total())
	fmt.Fprintf(w, "%-24s %10s %13s   what is lost\n", "Otherwise the same", "on demand", "all on Spot*")
	for _, o := range []struct{ state, lost string }{
		{"none", "open games, with whatever ends the task; on Spot any day"},
		{"redis", "open games, when the node of the store dies"},
		{"redis-durable", "nothing"},
	} {
		demand, spot := c, c
		demand.state, spot.state = o.state, o.state
		demand.spot, spot.spot = 0, 100
		if o.state == "none" {
			demand.tasks, spot.tasks = 1, 1
		}
		fmt.Fprintf(w, "  %-22s %10.2f %13.2f   %s\n", "STATE="+o.state, draw(t, demand).total(), draw(t, spot).total(), o.lost)
	}
	fmt.Fprintf(w, "\n* %s; it may end with two minutes' notice, and may be out.\n", t.Prices["fargate-spot-part"].Computed)
}
