package storetest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"tictac/play"
	"tictac/room"
)

// An input is what a client of a history asked for: a command, or, with nil,
// what the room looks like. Output is what it was told.
type input struct {
	room.Command
	fold bool // what it does is told: a hello's is not, since presence is not modelled
}

type output struct {
	unknown bool // unavailable: it may have happened, or may happen yet
	changed bool
	err     error
	looks   string // of a look
}

// A world is a room of the history and what is told of it.
type world struct {
	state room.State
	looks string
}

func worldOf(s room.State) world { return world{s, looks(s)} }

// looks is what players can tell of a room, apart from who is online. Moments
// and round ids are left out: they are made by whoever decides.
func looks(s room.State) string {
	if s.Gone() {
		return "gone" // with what on the board, not every server has learned
	}
	var b strings.Builder
	fmt.Fprint(&b, s.Phase, s.Reason, s.Round, s.HostMark, s.Ended, s.Winner, s.Draws)
	for _, m := range s.Moves {
		fmt.Fprint(&b, " ", m.Cell)
	}
	for _, p := range [...]room.Player{s.Host, s.Guest} {
		fmt.Fprint(&b, " ", p.Key, p.Name, p.Wins, p.Rematch)
	}
	return b.String()
}

// model is the pure core as porcupine's model, from one room on.
func model(begin room.State, now time.Time) porcupine.Model {
	return porcupine.Model{
		Init:  func() any { return worldOf(begin) },
		Equal: func(a, b any) bool { return a.(world).looks == b.(world).looks },
		Step:  func(w, in, out any) (bool, any) { return next(w.(world), in.(input), out.(output), now) },
		DescribeOperation: func(in, out any) string {
			return fmt.Sprintf("%T%+v: %+v", in.(input).Command, in.(input).Command, out)
		},
		DescribeState: func(w any) string { return w.(world).looks },
	}
}

// next is one step of the model. An operation whose outcome is unknown may have
// any; if it never happened, it comes after all others.
func next(w world, in input, out output, now time.Time) (bool, world) {
	if in.Command == nil {
		return w.looks == out.looks, w
	}
	events, err := room.Decide(w.state, in.Command, now)
	switch {
	case !in.fold:
		return out.unknown || err == out.err, w
	case out.unknown && (err != nil || len(events) == 0):
		return true, w
	case !out.unknown && closedByMe(w.state, in.Command, out):
		return true, w
	case !out.unknown && (err != out.err || len(events) > 0 != out.changed):
		return false, w
	}
	if len(events) == 0 {
		return true, w
	}
	return true, worldOf(room.Fold(w.state, events))
}

// closedByMe: when the host's leaving has an unknown outcome and the room is
// gone, nobody can say who closed it, and each of two tabs may say "I".
func closedByMe(s room.State, c room.Command, out output) bool {
	leave, ok := c.(room.Leave)
	return ok && s.Gone() && out.changed && leave.Key == s.Host.Key
}

// A chronicle is what happened in one room.
type chronicle struct {
	clock *atomic.Int64 // orders calls and returns

	mu  sync.Mutex
	ops []porcupine.Operation
}

// note adds an operation that was called at a moment and has just returned.
func (h *chronicle) note(client int, call int64, in input, out output) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: in, Output: out, Call: call, Return: h.clock.Add(1)})
}

// check looks for an order in which all this can have happened.
func (h *chronicle) check(t testing.TB, begin room.State) bool {
	end := h.clock.Add(1)
	unknown := 0
	for i := range h.ops {
		if h.ops[i].Output.(output).unknown {
			h.ops[i].Return = end
			unknown++
		}
	}
	m := model(begin, time.Now())
	result, info := porcupine.CheckOperationsVerbose(m, h.ops, 10*time.Second)
	if result == porcupine.Ok {
		return true
	}
	t.Errorf("room %s: %d operations, %d of them with unknown outcome: linearizable: %s",
		begin.Code, len(h.ops), unknown, result)
	longest := 0
	for _, partition := range info.PartialLinearizationsOperations() {
		for _, p := range partition {
			longest = max(longest, len(p))
		}
	}
	t.Logf("at most %d of them can be put into an order; all, by call:", longest)
	for _, op := range h.ops {
		t.Logf("%4d-%4d client %d: %s", op.Call, op.Return, op.ClientId, m.DescribeOperation(op.Input, op.Output))
	}
	return false
}

// chance is a seeded source that many may use.
type chance struct {
	mu  sync.Mutex
	rng *rand.Rand
}

func (c *chance) n(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rng.IntN(n)
}

// trouble injects faults at random: one call in ten fails in some way, one
// watcher in five is not told. Few hang, since those take StoreTimeout.
func (c *chance) trouble(op Op) Fault {
	n := c.n(1000)
	switch {
	case op == OpTell && n < 200:
		return NotMade
	case op == OpCommit && n < 99:
		return []Fault{NotMade, Made, Late}[n%3]
	case op == OpLoad && n < 30:
		return NotMade
	case n == 999:
		return []Fault{Hang, HangMade}[c.n(2)]
	}
	return None
}

var _ play.Store = (*Faulty)(nil)
