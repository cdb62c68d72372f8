package sqlite

import (
	"encoding/json"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"tictac/history"
	"tictac/room"
)

// file puts a finished round into the log and counts it for its players, in the
// transaction that ends it: so it is counted once, or the round has not ended.
func file(conn *sqlite.Conn, f *room.Record, record string) error {
	host, hostPrev, err := knownTotals(conn, f.HostID)
	if err != nil {
		return err
	}
	guest, guestPrev, err := knownTotals(conn, f.GuestID)
	if err != nil {
		return err
	}
	round := history.File(*f, host, guest)
	if round.HostID != f.HostID || round.GuestID != f.GuestID {
		record = string(round.Record.Append(nil))
	}
	seq, err := insertRound(conn, round, record, hostPrev, guestPrev)
	if err != nil {
		return fmt.Errorf("sqlite: file a round: %w", err)
	}
	if round.HostID != "" && round.HostID == round.GuestID { // it counts for nobody
		return lengthen(conn, round.HostID, seq)
	}
	if round.CountsFor(room.Host) {
		if err := count(conn, round.HostID, round.Host, host.Count(round, room.Host), seq); err != nil {
			return err
		}
	}
	if round.CountsFor(room.Guest) {
		return count(conn, round.GuestID, round.Guest, guest.Count(round, room.Guest), seq)
	}
	return nil
}

// insertRound appends to the log, where a player's round before is in its chain.
func insertRound(conn *sqlite.Conn, r history.Round, record string, hostPrev, guestPrev int64) (seq int64, err error) {
	counts := 0
	for _, seat := range [...]room.Seat{room.Host, room.Guest} {
		if r.CountsFor(seat) {
			counts |= int(seat)
		}
	}
	var before []byte
	if r.Before != nil {
		if before, err = json.Marshal(r.Before); err != nil {
			return 0, err
		}
	}
	const insert = `INSERT INTO rounds (id, host_id, guest_id, counts, record, before, host_prev, guest_prev) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	err = step(conn, insert, func(stmt *sqlite.Stmt) {
		stmt.BindText(1, r.ID)
		bindTextOrNull(stmt, 2, r.HostID)
		bindTextOrNull(stmt, 3, r.GuestID)
		stmt.BindInt64(4, int64(counts))
		stmt.BindText(5, record)
		bindTextOrNull(stmt, 6, string(before))
		stmt.BindInt64(7, hostPrev)
		stmt.BindInt64(8, guestPrev)
	}, nil)
	return conn.LastInsertRowID(), err
}

// step runs a statement whose arguments are bound by hand, since every move, and
// every round that ends, goes through here. row is called with its row, if it has one.
func step(conn *sqlite.Conn, query string, bind func(*sqlite.Stmt), row func(*sqlite.Stmt)) error {
	stmt, err := conn.Prepare(query)
	if err != nil {
		return err
	}
	bind(stmt)
	found, err := stmt.Step()
	if found && row != nil {
		row(stmt)
	}
	if reset := stmt.Reset(); err == nil {
		err = reset
	}
	return err
}

func bindTextOrNull(stmt *sqlite.Stmt, param int, text string) {
	if text == "" {
		stmt.BindNull(param)
	} else {
		stmt.BindText(param, text)
	}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

const totalsColumns = `played, won, lost, drawn, abandoned, streak, best_streak, rating, deviation, volatility`

// readTotals reads totalsColumns, from a first column on.
func readTotals(row *sqlite.Stmt, at int) (t history.Totals) {
	for i, n := range statsFields(&t.Stats) {
		*n = row.ColumnInt(at + i)
	}
	if at += len(statsFields(&t.Stats)); !row.ColumnIsNull(at) {
		t.Rating = &history.Rating{Value: row.ColumnFloat(at), Deviation: row.ColumnFloat(at + 1), Volatility: row.ColumnFloat(at + 2)}
	}
	return t
}

// totalsArgs are the values of totalsColumns.
func totalsArgs(t history.Totals) (args []any) {
	for _, n := range statsFields(&t.Stats) {
		args = append(args, *n)
	}
	if t.Rating == nil {
		return append(args, nil, nil, nil)
	}
	return append(args, t.Rating.Value, t.Rating.Deviation, t.Rating.Volatility)
}

func statsFields(s *history.Stats) [7]*int {
	return [...]*int{&s.Played, &s.Won, &s.Lost, &s.Drawn, &s.Abandoned, &s.Streak, &s.BestStreak}
}

// knownTotals is what is counted of a player until now, nil if there is none, and
// the newest of its rounds.
func knownTotals(conn *sqlite.Conn, id string) (known *history.Totals, newest int64, err error) {
	if id == "" {
		return nil, 0, nil
	}
	const find = `SELECT newest, ` + totalsColumns + ` FROM players WHERE id = ?`
	err = step(conn, find, func(stmt *sqlite.Stmt) { stmt.BindText(1, id) }, func(row *sqlite.Stmt) {
		t := readTotals(row, 1)
		known, newest = &t, row.ColumnInt64(0)
	})
	return known, newest, err
}

// count sets what is counted of a player, whose newest round is this, or 0: an older one.
func count(conn *sqlite.Conn, id, name string, t history.Totals, newest int64) error {
	const set = `UPDATE players SET (` + totalsColumns + `) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?), name = ?, newest = max(newest, ?) WHERE id = ?`
	err := step(conn, set, func(stmt *sqlite.Stmt) {
		fields := statsFields(&t.Stats)
		for i, n := range fields {
			stmt.BindInt64(1+i, int64(*n))
		}
		next := 1 + len(fields)
		if r := t.Rating; r != nil {
			stmt.BindFloat(next, r.Value)
			stmt.BindFloat(next+1, r.Deviation)
			stmt.BindFloat(next+2, r.Volatility)
		} else {
			stmt.BindNull(next)
			stmt.BindNull(next + 1)
			stmt.BindNull(next + 2)
		}
		stmt.BindText(next+3, name)
		stmt.BindInt64(next+4, newest)
		stmt.BindText(next+5, id)
	}, nil)
	if err != nil {
		return fmt.Errorf("sqlite: count a round: %w", err)
	}
	return nil
}

func query(conn *sqlite.Conn, text string, args []any, row func(*sqlite.Stmt) error) error {
	return sqlitex.Execute(conn, text, &sqlitex.ExecOptions{Args: args, ResultFunc: row})
}

// exists reports whether a query has a row.
func exists(conn *sqlite.Conn, text string, args ...any) (found bool, err error) {
	err = query(conn, text, args, func(*sqlite.Stmt) error { found = true; return nil })
	return found, err
}
