package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

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

// gamesOf merges a player's rounds as host and as guest: both indexes give them
// in order. It has their words, or those that do not count would be gone through.
const gamesOf = `
	SELECT seq, 1 AS seat, record FROM rounds WHERE host_id = ?1 AND counts & 1 = 1 AND seq < ?2
	UNION ALL
	SELECT seq, 2 AS seat, record FROM rounds WHERE guest_id = ?1 AND counts & 2 = 2 AND seq < ?2
	ORDER BY seq DESC LIMIT ?3`

// Games implements history.Archive.
func (s *Store) Games(ctx context.Context, id string, limit int, before string) (games []history.Game, err error) {
	err = s.look(ctx, func(conn *sqlite.Conn) error {
		from, err := cursor(conn, id, before)
		if err != nil {
			return err
		}
		return query(conn, gamesOf, []any{id, from, max(limit, 0)}, func(row *sqlite.Stmt) error {
			g := history.Game{Seat: room.Seat(row.ColumnInt(1))}
			games = append(games, g)
			return readRecord(row, 2, &games[len(games)-1].Record)
		})
	})
	if err != nil {
		return nil, err
	}
	return games, nil
}

const ownRound = `SELECT seq FROM rounds WHERE id = ?1 AND (host_id = ?2 AND counts & 1 OR guest_id = ?2 AND counts & 2)`

// cursor is the place in the log before which a player's games are asked for.
func cursor(conn *sqlite.Conn, id, before string) (seq int64, err error) {
	if known, err := playerExists(conn, id); err != nil || !known {
		return 0, orUnknown(err)
	}
	if before == "" {
		return math.MaxInt64, nil
	}
	err = query(conn, ownRound, []any{before, id}, func(row *sqlite.Stmt) error {
		seq = row.ColumnInt64(0)
		return nil
	})
	if err == nil && seq == 0 {
		err = history.ErrUnknown
	}
	return seq, err
}

func orUnknown(err error) error {
	if err == nil {
		err = history.ErrUnknown
	}
	return err
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
