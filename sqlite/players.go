package sqlite

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"tictac/history"
	"tictac/room"
)

// errTaken is that of an id or a key that somebody has.
var errTaken = errors.New("sqlite: that identity is taken")

// Enroll implements history.Archive.
func (s *Store) Enroll(ctx context.Context, id, key, name string, now room.Instant) error {
	return s.writer.work(ctx, func(conn *sqlite.Conn) error {
		switch owner, err := ownerOf(conn, key); {
		case err == nil && owner == id:
			return nil // it is being done again
		case err == nil:
			return errTaken
		case !errors.Is(err, history.ErrUnknown):
			return err
		}
		switch known, err := playerExists(conn, id); {
		case err != nil:
			return err
		case known:
			return errTaken
		}
		if err := exec(conn, `INSERT INTO players (id, name, enrolled) VALUES (?, ?, ?)`, id, name, int64(now)); err != nil {
			return fmt.Errorf("sqlite: enroll a player: %w", err)
		}
		if err := takeChain(conn, id); err != nil {
			return fmt.Errorf("sqlite: enroll a player: %w", err)
		}
		return addKey(conn, key, id)
	})
}

func playerExists(conn *sqlite.Conn, id string) (bool, error) {
	return exists(conn, `SELECT 1 FROM players WHERE id = ?`, id)
}

func addKey(conn *sqlite.Conn, key, id string) error {
	if err := exec(conn, `INSERT INTO keys (key, player) VALUES (?, ?)`, key, id); err != nil {
		return fmt.Errorf("sqlite: add a key: %w", err)
	}
	return nil
}

// ownerOf is whose identity a key opens.
func ownerOf(conn *sqlite.Conn, key string) (id string, err error) {
	err = query(conn, `SELECT player FROM keys WHERE key = ?`, []any{key}, func(row *sqlite.Stmt) error {
		id = row.ColumnText(0)
		return nil
	})
	if err == nil && id == "" {
		err = history.ErrUnknown
	}
	return id, err
}

// Identify implements history.Archive.
func (s *Store) Identify(ctx context.Context, key string) (id string, err error) {
	err = s.look(ctx, func(conn *sqlite.Conn) error {
		id, err = ownerOf(conn, key)
		return err
	})
	return id, err
}

const selectPlayers = `SELECT id, name, ` + totalsColumns + ` FROM players `

func readPlayer(row *sqlite.Stmt) history.Player {
	t := readTotals(row, 2)
	return history.Player{ID: row.ColumnText(0), Name: row.ColumnText(1), Stats: t.Stats, Rating: t.Rating}
}

// Player implements history.Archive.
func (s *Store) Player(ctx context.Context, id string) (p history.Player, err error) {
	err = s.look(ctx, func(conn *sqlite.Conn) error {
		return query(conn, selectPlayers+`WHERE id = ?`, []any{id}, func(row *sqlite.Stmt) error {
			p = readPlayer(row)
			return nil
		})
	})
	if err == nil && p.ID == "" {
		err = history.ErrUnknown
	}
	return p, err
}

// leaders has the words of the index players_leaders, or it would not be used.
const leaders = selectPlayers + `WHERE deviation <= 110 ORDER BY rating DESC, id LIMIT ?`

// Leaders implements history.Archive.
func (s *Store) Leaders(ctx context.Context, limit int) (best []history.Player, err error) {
	err = s.look(ctx, func(conn *sqlite.Conn) error {
		return query(conn, leaders, []any{max(limit, 0)}, func(row *sqlite.Stmt) error {
			best = append(best, readPlayer(row))
			return nil
		})
	})
	return best, err
}

// Offer implements history.Archive. Tokens that are late are thrown away by the way.
func (s *Store) Offer(ctx context.Context, token, id string, until room.Instant) error {
	return s.writer.work(ctx, func(conn *sqlite.Conn) error {
		known, err := playerExists(conn, id)
		if err != nil {
			return err
		}
		if !known {
			return history.ErrUnknown
		}
		if err := exec(conn, `DELETE FROM tokens WHERE until <= ?`, int64(until.Add(-history.HandoffTime))); err != nil {
			return fmt.Errorf("sqlite: drop late tokens: %w", err)
		}
		const offer = `INSERT INTO tokens (token, player, until) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET player = ?2, until = ?3`
		if err := exec(conn, offer, token, id, int64(until)); err != nil {
			return fmt.Errorf("sqlite: offer an identity: %w", err)
		}
		return nil
	})
}

// Redeem implements history.Archive.
func (s *Store) Redeem(ctx context.Context, token, key string, now room.Instant) (id string, err error) {
	return ask(ctx, s.writer, func(conn *sqlite.Conn) (id string, err error) {
		const valid = `SELECT player FROM tokens WHERE token = ? AND until > ?`
		err = query(conn, valid, []any{token, int64(now)}, func(row *sqlite.Stmt) error {
			id = row.ColumnText(0)
			return nil
		})
		switch {
		case err != nil:
			return "", err
		case id == "":
			return "", history.ErrUnknown
		}
		switch _, err := ownerOf(conn, key); {
		case err == nil:
			return "", errTaken
		case !errors.Is(err, history.ErrUnknown):
			return "", err
		}
		if err := exec(conn, `DELETE FROM tokens WHERE token = ?`, token); err != nil {
			return "", fmt.Errorf("sqlite: spend a token: %w", err)
		}
		return id, addKey(conn, key, id)
	})
}
