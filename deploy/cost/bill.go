package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"math"
)

// hours of a month, as AWS counts.
const hours = 730

// What a player is reckoned with, as in docs/performance.md: a move of 800 bytes
// every 6 s.
const bytesPerSecond = 800.0 / 6

//go:embed prices.json
var pricesJSON []byte

// A price is of one unit. Some units are free in an account that has nothing else.
type price struct {
	USD      float64
	Date     string
	Page     string
	Free     float64
	Computed string
}

type priceTable struct {
	Region string
	Note   string
	Prices map[string]price
}

func readPrices() (t priceTable) {
	if err := json.Unmarshal(pricesJSON, &t); err != nil {
		panic(err) // it is part of the program
	}
	return t
}

// A choice is what make deploy is told, and how many play.
type choice struct {
	state, size string
	cpu, memory int // of a task, in 1/1024 of a processor and MB
	tasks       int
	spot        int // percent of the tasks
	domain      bool
	alarms      bool
	players     int // at all times
}

// nodes are the sizes of a store, as in stack.yaml.
var nodes = map[string]map[string]string{
	"redis":         {"small": "cache.t4g.micro", "medium": "cache.t4g.medium", "large": "cache.m7g.large"},
	"redis-durable": {"small": "db.t4g.small", "medium": "db.t4g.medium", "large": "db.r7g.large"},
}

// An item is a line of the bill of a month.
type item struct {
	what string
	usd  float64
	how  string
}

// A bill is drawn up item by item.
type bill struct {
	table priceTable
	items []item
}

// add adds so many units at a price, less those that are free.
func (b *bill) add(what string, units float64, name, unit string) {
	p, known := b.table.Prices[name]
	if !known {
		panic("no price of " + name)
	}
	how := fmt.Sprintf("%s %s at $%v", decimal(units), unit, p.USD)
	if p.Free > 0 {
		how += fmt.Sprintf(", %v of them free", p.Free)
	}
	b.items = append(b.items, item{what, math.Max(0, units-p.Free) * p.USD, how})
}

func decimal(f float64) string {
	if f >= 100 {
		return fmt.Sprintf("%.0f", f)
	}
	return fmt.Sprintf("%.3g", f)
}

func (b bill) total() (sum float64) {
	for _, i := range b.items {
		sum += i.usd
	}
	return sum
}

// task is what a task costs on demand for an hour.
func (t priceTable) task(processor string, cpu, memory int) float64 {
	return float64(cpu)/1024*t.Prices["fargate-"+processor+"-vcpu-hour"].USD +
		float64(memory)/1024*t.Prices["fargate-"+processor+"-gb-hour"].USD
}

// draw is the bill of a month.
func draw(t priceTable, c choice) bill {
	b := bill{table: t}
	hour, part := t.task("arm", c.cpu, c.memory), t.Prices["fargate-spot-part"].USD
	demand, spot := float64(c.tasks*(100-c.spot))/100, float64(c.tasks*c.spot)/100
	if demand > 0 {
		b.items = append(b.items, item{"servers, on demand", demand * hours * hour, fmt.Sprintf("%s of %d/%d on ARM at $%.4f an hour", decimal(demand), c.cpu, c.memory, hour)})
	}
	if spot > 0 {
		b.items = append(b.items, item{"servers, on Spot", spot * hours * hour * part, fmt.Sprintf("%s of %d/%d on ARM at $%.4f an hour, less %.0f %%", decimal(spot), c.cpu, c.memory, hour, 100*(1-part))})
	}
	b.add("their addresses", float64(c.tasks)*hours, "address-hour", "hours")
	b.add("load balancer", hours, "balancer-hour", "hours")
	b.add("its addresses", 2*hours, "address-hour", "hours, of two")
	gb := float64(c.players) * bytesPerSecond * 3600 * hours / 1e9
	units := math.Max(float64(c.players)/3000, gb/hours) // of open sockets, of bytes: the larger counts
	b.add("its work", units*hours, "balancer-unit-hour", "unit hours")
	if node := nodes[c.state][c.size]; node != "" {
		b.add("store", hours, node, "hours of "+node)
		b.add("its password", 1, "secret-month", "secret")
	}
	if c.domain {
		b.add("domain", 1, "zone-month", "hosted zone")
	}
	b.add("metrics", metrics, "metric-month", "metrics")
	if c.alarms {
		b.add("alarms", alarmCount(c), "alarm-month", "alarms")
	}
	b.add("dashboard", 1, "dashboard-month", "dashboard")
	b.add("log", float64(c.tasks)*logGB, "log-gb", "GB")
	b.add("images", imagesGB, "image-gb-month", "GB")
	b.add("traffic out of AWS", gb, "out-gb", "GB")
	return b
}

// What the servers publish, and what is kept of them.
const (
	metrics  = 6.0
	logGB    = 0.1          // a task's: a line of 1.5 KB a minute, and what else it says
	imagesGB = 10 * 7 / 1e3 // ten of 7 MB
)

// alarmCount is how many alarms there are; two of them are scaling's own.
func alarmCount(c choice) float64 {
	if c.state == "none" {
		return 6
	}
	return 9
}

// original is what the project that this one follows costs by the same prices: one
// task on x86, games in its memory, a load balancer, a domain.
func original(t priceTable) bill {
	b := bill{table: t}
	hour := t.task("x86", 256, 512)
	b.items = append(b.items, item{"server", hours * hour, ""})
	b.add("its address", hours, "address-hour", "hours")
	b.add("load balancer", hours, "balancer-hour", "hours")
	b.add("its addresses", 2*hours, "address-hour", "hours")
	b.add("domain", 1, "zone-month", "hosted zone")
	return b
}
