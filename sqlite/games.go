package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"zombiezen.com/go/sqlite"

	"tictac/history"
	"tictac/room"
)

// archiveReaders is how many of the readers history may use at once: rooms need
// the others.
const archiveReaders = readers / 2

// look runs queries of the archive on a reader's connection.
func (s *Store) look(ctx context.Context, queries func(*sqlite.Conn) error) error {
	select {
	case s.looking <- struct{}{}:
		defer func() { <-s.looking }()
	case <-ctx.Done():
		return ctx.Err()
	}
	conn, err := s.pool.Take(ctx)
	if err != nil {
		return fmt.Errorf("sqlite: no connection to read: %w", err)
	}
	defer s.pool.Put(conn)
	return given(ctx, queries(conn))
}

// gamesOf are a player's rounds that count for it, from one on, as its chain has
// them: newest first.
const gamesOf = `WITH RECURSIVE chain (seq) AS (SELECT ?2` + chain + `
	SELECT CASE ?1 WHEN host_id THEN 1 ELSE 2 END, record FROM chain CROSS JOIN rounds USING (seq)
	WHERE host_id = ?1 AND counts & 1 OR guest_id = ?1 AND counts & 2 LIMIT ?3`

// Games implements history.Archive.
func (s *Store) Games(ctx context.Context, id string, limit int, before string) (games []history.Game, err error) {
	err = s.look(ctx, func(conn *sqlite.Conn) error {
		from, err := cursor(conn, id, before)
		if err != nil {
			return err
		}
		return query(conn, gamesOf, []any{id, from, max(limit, 0)}, func(row *sqlite.Stmt) error {
			g := history.Game{Seat: room.Seat(row.ColumnInt(0))}
			games = append(games, g)
			return readRecord(row, 1, &games[len(games)-1].Record)
		})
	})
	if err != nil {
		return nil, err
	}
	return games, nil
}

const ownRound = `SELECT ` + prevOf + ` FROM rounds WHERE id = ?2 AND (host_id = ?1 AND counts & 1 OR guest_id = ?1 AND counts & 2)`

// cursor is where in its chain a player's games are asked for; 0: past the oldest.
func cursor(conn *sqlite.Conn, id, before string) (seq int64, err error) {
	found := false
	first := func(row *sqlite.Stmt) error {
		found, seq = true, row.ColumnInt64(0)
		return nil
	}
	err = query(conn, `SELECT newest FROM players WHERE id = ?`, []any{id}, first)
	if err == nil && found && before != "" {
		found = false
		err = query(conn, ownRound, []any{id, before}, first)
	}
	if err == nil && !found {
		err = history.ErrUnknown
	}
	return seq, err
}

func readRecord(row *sqlite.Stmt, column int, r *room.Record) error {
	if err := json.Unmarshal([]byte(row.ColumnText(column)), r); err != nil {
		return fmt.Errorf("sqlite: a filed round: %w", err)
	}
	return nil
}

// Round implements history.Archive.
func (s *Store) Round(ctx context.Context, id string) (r room.Record, err error) {
	err = s.look(ctx, func(conn *sqlite.Conn) error {
		return query(conn, `SELECT record FROM rounds WHERE id = ?`, []any{id}, func(row *sqlite.Stmt) error {
			return readRecord(row, 0, &r)
		})
	})
	if err == nil && r.ID == "" {
		err = history.ErrUnknown
	}
	return r, err
}

// Rounds calls each with every finished round, oldest first.
func (s *Store) Rounds(ctx context.Context, each func(room.Record) error) error {
	return s.read(ctx, `SELECT record FROM rounds ORDER BY seq`, nil, func(row *sqlite.Stmt) error {
		var r room.Record
		if err := readRecord(row, 0, &r); err != nil {
			return err
		}
		return each(r)
	})
}
