package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"zombiezen.com/go/sqlite"

	"tictac/history"
	"tictac/room"
)

// Rebuild implements history.Archive, in one transaction.
func (s *Store) Rebuild(ctx context.Context) (differed int, err error) {
	return ask(ctx, s.writer, rebuild)
}

func rebuild(conn *sqlite.Conn) (differed int, err error) {
	type named struct {
		name string
		history.Totals
	}
	stored, counted := map[string]named{}, map[string]named{}
	err = eachAccount(conn, func(a history.Account) error {
		stored[a.ID], counted[a.ID] = named{a.Name, a.Totals}, named{a.Name, a.Opening}
		return nil
	})
	if err != nil {
		return 0, err
	}
	err = eachRound(conn, func(r history.Round) error {
		for seat, name := range map[room.Seat]string{room.Host: r.Host, room.Guest: r.Guest} {
			if t, known := counted[r.Player(seat)]; known && r.CountsFor(seat) {
				counted[r.Player(seat)] = named{name, t.Count(r, seat)}
			}
		}
		return nil
	})
	for id, t := range counted {
		if err != nil {
			break
		}
		if before := stored[id]; t.name != before.name || !t.Equal(before.Totals) {
			differed++
			err = count(conn, id, t.name, t.Totals, 0)
		}
	}
	return differed, err
}

// Dump implements history.Porter.
func (s *Store) Dump(ctx context.Context, each func(history.Item) error) error {
	err := s.look(ctx, func(conn *sqlite.Conn) error {
		err := eachRound(conn, func(r history.Round) error { return each(history.Item{Round: &r}) })
		if err != nil {
			return err
		}
		return eachAccount(conn, func(a history.Account) error {
			err := query(conn, `SELECT key FROM keys WHERE player = ? ORDER BY key`, []any{a.ID}, func(row *sqlite.Stmt) error {
				a.Keys = append(a.Keys, row.ColumnText(0))
				return nil
			})
			if err != nil {
				return err
			}
			return each(history.Item{Account: &a})
		})
	})
	if err != nil {
		return err
	}
	if err := s.writer.settle(ctx); err != nil {
		return err
	}
	return s.read(ctx, `SELECT commit_id, snapshot, code FROM rooms ORDER BY id`, nil, func(row *sqlite.Stmt) error {
		r := history.Room{Commit: row.ColumnText(0)}
		data := make([]byte, row.ColumnLen(1))
		row.ColumnBytes(1, data)
		if r.State, err = room.Decode(data); err != nil {
			return err
		}
		if r.Log, err = s.readLog(ctx, row.ColumnText(2)); err != nil {
			return err
		}
		return each(history.Item{Room: &r})
	})
}

// eachRound reads the log. What does not count for a player who is named, and has
// not played against itself, is in the opening totals.
func eachRound(conn *sqlite.Conn, each func(history.Round) error) error {
	return query(conn, `SELECT seq, counts, record, before FROM rounds ORDER BY seq`, nil, func(row *sqlite.Stmt) error {
		r := history.Round{Seq: row.ColumnInt64(0)}
		if err := readRecord(row, 2, &r.Record); err != nil {
			return err
		}
		for _, seat := range [...]room.Seat{room.Host, room.Guest} {
			if history.Counts(r.Record, seat) && row.ColumnInt(1)&int(seat) == 0 {
				r.Folded = append(r.Folded, seat)
			}
		}
		if !row.ColumnIsNull(3) {
			if err := json.Unmarshal([]byte(row.ColumnText(3)), &r.Before); err != nil {
				return fmt.Errorf("sqlite: the ratings before a round: %w", err)
			}
		}
		return each(r)
	})
}

// eachAccount reads all identities, without their keys.
func eachAccount(conn *sqlite.Conn, each func(history.Account) error) error {
	const all = `SELECT id, name, enrolled, opening, ` + totalsColumns + ` FROM players ORDER BY id`
	return query(conn, all, nil, func(row *sqlite.Stmt) error {
		a := history.Account{
			ID: row.ColumnText(0), Name: row.ColumnText(1), Enrolled: room.Instant(row.ColumnInt64(2)), Totals: readTotals(row, 4),
		}
		if !row.ColumnIsNull(3) {
			if err := json.Unmarshal([]byte(row.ColumnText(3)), &a.Opening); err != nil {
				return fmt.Errorf("sqlite: the opening totals of a player: %w", err)
			}
		}
		return each(a)
	})
}

// Put implements history.Porter, in one transaction.
func (s *Store) Put(ctx context.Context, items []history.Item) (added int, err error) {
	return ask(ctx, s.writer, func(conn *sqlite.Conn) (added int, err error) {
		for _, i := range items {
			put, err := putItem(conn, i)
			if err != nil {
				return 0, fmt.Errorf("sqlite: put: %w", err)
			}
			if put {
				added++
			}
		}
		return added, nil
	})
}

func putItem(conn *sqlite.Conn, i history.Item) (put bool, err error) {
	switch {
	case i.Round != nil:
		return putRound(conn, *i.Round)
	case i.Account != nil:
		return putAccount(conn, *i.Account)
	}
	return putRoom(conn, *i.Room)
}

func putRound(conn *sqlite.Conn, r history.Round) (put bool, err error) {
	if there, err := exists(conn, `SELECT 1 FROM rounds WHERE id = ?`, r.ID); there || err != nil {
		return false, err
	}
	hostPrev, err := newestOf(conn, r.HostID)
	if err != nil {
		return false, err
	}
	guestPrev, err := newestOf(conn, r.GuestID)
	if err != nil {
		return false, err
	}
	seq, err := insertRound(conn, r, string(r.Record.Append(nil)), hostPrev, guestPrev)
	for _, id := range []string{r.HostID, r.GuestID} {
		if err == nil && id != "" {
			err = lengthen(conn, id, seq)
		}
	}
	return true, err
}

func putAccount(conn *sqlite.Conn, a history.Account) (put bool, err error) {
	there, err := playerExists(conn, a.ID)
	if err != nil {
		return false, err
	}
	if !there {
		var opening any
		if !a.Opening.Equal(history.Totals{}) {
			text, err := json.Marshal(a.Opening)
			if err != nil {
				return false, err
			}
			opening = string(text)
		}
		const insert = `INSERT INTO players (id, name, enrolled, opening, ` + totalsColumns + `) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
		args := append([]any{a.ID, a.Name, int64(a.Enrolled), opening}, totalsArgs(a.Totals)...)
		if err := exec(conn, insert, args...); err != nil {
			return false, err
		}
		if err := takeChain(conn, a.ID); err != nil {
			return false, err
		}
	}
	put = !there
	for _, key := range a.Keys {
		if err := exec(conn, `INSERT INTO keys (key, player) VALUES (?, ?) ON CONFLICT DO NOTHING`, key, a.ID); err != nil {
			return false, err
		}
		put = put || conn.Changes() > 0
	}
	return put, nil
}

func putRoom(conn *sqlite.Conn, r history.Room) (put bool, err error) {
	id := roomID(r.State.Code)
	if id < 0 {
		return false, fmt.Errorf("sqlite: %q is no code of a room", r.State.Code)
	}
	if there, err := exists(conn, `SELECT 1 FROM rooms WHERE id = ?`, id); there || err != nil {
		return false, err
	}
	var log []byte
	for _, e := range r.Log {
		log = append(e.Append(log), '\n')
	}
	const insert = `INSERT INTO rooms (id, code, rev, commit_id, wake, snapshot, log) VALUES (?, ?, ?, ?, 0, ?, ?)`
	return true, exec(conn, insert, id, r.State.Code, r.State.Rev, r.Commit, room.Encode(r.State), string(log))
}
