package e2e

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tictac/e2e/client"
	"tictac/room"
	"tictac/sqlite"
)

// Whole rounds, as the cells in order.
var (
	lineWins = []int{0, 3, 1, 4, 2}
	draws    = []int{0, 1, 2, 4, 3, 5, 7, 6, 8}
	oWins    = []int{0, 3, 1, 4, 8, 5}
)

// A match is a room with both its players.
type match struct {
	game        *client.Game
	host, guest *client.Player
}

// newMatch opens a room and seats two players, who are online when it returns.
func newMatch(t *testing.T, s *server) *match {
	t.Helper()
	m, err := openMatch(s.addr)
	if err != nil {
		t.Fatal(err)
	}
	s.keepSecret(m.host.Seat.Secret, m.guest.Seat.Secret)
	t.Cleanup(m.close)
	if err := m.bothOnline(patience(t, 20*time.Second)); err != nil {
		t.Fatal(err)
	}
	return m
}

func openMatch(addr string) (*match, error) {
	host, err := client.Create(addr, "Ann")
	if err != nil {
		return nil, fmt.Errorf("create: %w", err)
	}
	guest, err := client.Join(addr, host.Code, "Bob")
	if err != nil {
		return nil, fmt.Errorf("join: %w", err)
	}
	m := &match{game: client.NewGame()}
	m.host = client.Enter(addr, host, m.game)
	m.guest = client.Enter(addr, guest, m.game)
	return m, nil
}

func (m *match) close() {
	m.host.Close()
	m.guest.Close()
}

// bothOnline waits until both see that both are there.
func (m *match) bothOnline(ctx context.Context) error {
	for _, p := range []*client.Player{m.host, m.guest} {
		if _, err := p.Await(ctx, func(v client.View) bool { return v.Host.Online && v.Of("guest").Online }); err != nil {
			return err
		}
	}
	return nil
}

// next is the player whose turn it is at a ply of the round, once it is.
func (m *match) next(ctx context.Context, round, ply int) (*client.Player, error) {
	at := func(v client.View) bool { return v.Round == round && v.Ply == ply && v.Phase == "playing" }
	v, err := m.host.Await(ctx, at)
	if err != nil {
		return nil, err
	}
	if m.host.MyTurn(v) {
		return m.host, nil
	}
	_, err = m.guest.Await(ctx, at)
	return m.guest, err
}

// play makes the moves of a round from a ply on; moved, if there is one, is
// told how long each took from the press until its mover saw it.
func (m *match) play(ctx context.Context, round, from int, cells []int, moved func(time.Duration)) error {
	for i, cell := range cells {
		p, err := m.next(ctx, round, from+i)
		if err != nil {
			return fmt.Errorf("round %d ply %d: %w", round, from+i, err)
		}
		began := time.Now()
		if err := p.Move(ctx, cell); err != nil {
			return fmt.Errorf("round %d ply %d: %w", round, from+i, err)
		}
		if moved != nil {
			moved(time.Since(began))
		}
	}
	return nil
}

// rematch begins the next round.
func (m *match) rematch(ctx context.Context, next int) error {
	begun := func(v client.View) bool { return v.Round == next }
	if _, err := m.host.Command(ctx, "rematch", func(v client.View) bool { return v.Host.Rematch || begun(v) }); err != nil {
		return fmt.Errorf("rematch: %w", err)
	}
	if _, err := m.guest.Command(ctx, "rematch", begun); err != nil {
		return fmt.Errorf("rematch: %w", err)
	}
	_, err := m.host.Await(ctx, begun)
	return err
}

func isOver(round int) func(client.View) bool {
	return func(v client.View) bool { return v.Phase == "over" && v.Round == round }
}

func online(seat string, is bool) func(client.View) bool {
	return func(v client.View) bool { return v.Of(seat).Online == is }
}

// filed is all rounds that a database has, by room and number. Nobody else may
// have it open.
func filed(t *testing.T, file string) map[string]map[int]room.Record {
	t.Helper()
	store, err := sqlite.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	rounds := map[string]map[int]room.Record{}
	err = store.Rounds(context.Background(), func(r room.Record) error {
		if rounds[r.Code] == nil {
			rounds[r.Code] = map[int]room.Record{}
		}
		if _, twice := rounds[r.Code][r.Round]; twice {
			return fmt.Errorf("round %d of %s is filed twice", r.Round, r.Code)
		}
		rounds[r.Code][r.Round] = r
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rounds
}

// checkFiled compares what a match saw with what is filed of it.
func (m *match) checkFiled(t *testing.T, rounds map[int]room.Record) {
	t.Helper()
	code := m.host.Seat.Code
	over := m.game.Over()
	if len(rounds) != len(over) {
		t.Errorf("room %s: %d rounds are filed, %d were seen to end", code, len(rounds), len(over))
	}
	for round, v := range over {
		r, ok := rounds[round]
		if !ok {
			t.Errorf("room %s: round %d is not filed", code, round)
			continue
		}
		if string(r.Ended) != v.Ended || len(r.Moves) != v.Ply || r.Winner.String() != v.Winner {
			t.Errorf("room %s: filed %+v, seen %+v", code, r, v)
		}
		for ply, cell := range m.game.Acked(round) {
			if ply >= len(r.Moves) || r.Moves[ply].Cell != cell {
				t.Errorf("room %s round %d: the acknowledged move %d (cell %d) is not in %+v", code, round, ply, cell, r.Moves)
			}
		}
	}
}
