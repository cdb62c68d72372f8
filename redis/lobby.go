package redis

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/rueidis"

	"tictac/play"
	"tictac/room"
)

// The line of quick match lies in one slot of its own.
const (
	lobbyTag = "lobby"
	lineKey  = "{lobby}:line"
	waitsKey = "{lobby}:waits"
)

var (
	//go:embed lua/meet.lua
	meetSource string

	meetScript = rueidis.NewLuaScript(meetSource)
)

// Meet implements play.Lobby. How long somebody was not heard of is told by
// Redis' own clock.
func (s *Store) Meet(ctx context.Context, w play.Wait, _ room.Instant) (code string, err error) {
	if code, err = s.meet(ctx, w, ""); err != nil {
		return "", fmt.Errorf("redis: meet: %w", err)
	}
	return code, nil
}

// Stay implements play.Lobby.
func (s *Store) Stay(ctx context.Context, w play.Wait, _ room.Instant) error {
	if _, err := s.meet(ctx, w, "1"); err != nil {
		return fmt.Errorf("redis: stay: %w", err)
	}
	return nil
}

// Quit implements play.Lobby.
func (s *Store) Quit(ctx context.Context, code string) error {
	_, err := within(ctx, s, func() (int, error) {
		b := s.client.B()
		for _, answer := range s.client.DoMulti(ctx,
			b.Zrem().Key(lineKey).Member(code).Build(),
			b.Hdel().Key(waitsKey).Field(code).Build(),
		) {
			if err := answer.Error(); err != nil {
				return 0, fmt.Errorf("redis: quit: %w", err)
			}
		}
		return 0, nil
	})
	return err
}

// meet has the script carried out, again when it came too late by a clock that
// we knew wrong.
func (s *Store) meet(ctx context.Context, w play.Wait, stay string) (code string, err error) {
	lasts := strconv.FormatInt(play.WaitLasts.Milliseconds(), 10)
	for range 2 {
		args := []string{w.Code, w.Who, lasts, stay, s.clocks.notAfter(ctx, lobbyTag)}
		asked := time.Now()
		answer, err := within(ctx, s, func() ([]string, error) {
			return meetScript.Exec(ctx, s.client, []string{lineKey, waitsKey}, args).AsStrSlice()
		})
		if err != nil {
			return "", err
		}
		if len(answer) != 2 {
			return "", fmt.Errorf("an answer of %d parts", len(answer))
		}
		clock, err := strconv.ParseInt(answer[0], 10, 64)
		switch {
		case err != nil:
			return "", err
		case clock > 0:
			s.clocks.learn(lobbyTag, asked, room.Instant(clock))
			return answer[1], nil
		}
		s.clocks.correct(lobbyTag, asked, room.Instant(-clock))
	}
	return "", errors.New("it came too late")
}

var _ play.Lobby = (*Store)(nil)
