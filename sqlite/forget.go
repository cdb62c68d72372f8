package sqlite

import (
	"context"
	"fmt"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"tictac/history"
	"tictac/room"
)

// forgetSome is how many rounds lose a name in one transaction: moves that wait
// for it wait for a few milliseconds.
const forgetSome = 100

// Forget implements history.Archive. Once begun it is done also if the context
// ends, since without the identity nobody can ask for it again.
func (s *Store) Forget(ctx context.Context, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan error, 1)
	s.forgetting.Go(func() { done <- s.forget(id) }) // Close waits for it
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// forget has the identity go first, so that no round is counted for it any more;
// then its rounds lose its name, some at a time. If we stop or crash between, the
// next start goes on with it.
func (s *Store) forget(id string) error {
	err := s.writer.work(s.open, func(conn *sqlite.Conn) error { return beginForgetting(conn, id) })
	for more := true; more && err == nil; {
		more, err = ask(s.open, s.writer, func(conn *sqlite.Conn) (more bool, err error) { return forgetNext(conn, id) })
	}
	return err
}

func beginForgetting(conn *sqlite.Conn, id string) error {
	known, err := playerExists(conn, id)
	if err != nil {
		return err
	}
	if leaving, err := exists(conn, `SELECT 1 FROM leaving WHERE player = ?`, id); err != nil || leaving {
		return err // it is being done again
	}
	if !known {
		return history.ErrUnknown
	}
	for _, q := range []string{
		`INSERT INTO leaving (player, next) SELECT id, newest FROM players WHERE id = ?`, `DELETE FROM players WHERE id = ?`,
		`DELETE FROM keys WHERE player = ?`, `DELETE FROM tokens WHERE player = ?`,
	} {
		if err := exec(conn, q, id); err != nil {
			return fmt.Errorf("sqlite: forget a player: %w", err)
		}
	}
	return nil
}

const forgettable = `WITH RECURSIVE chain (seq) AS (SELECT next FROM leaving WHERE player = ?1` + chain + `
	SELECT seq, ` + prevOf + `, record FROM chain CROSS JOIN rounds USING (seq) LIMIT ?2`

// forgetNext takes the name off some rounds, and reports whether there are more.
func forgetNext(conn *sqlite.Conn, id string) (more bool, err error) {
	rounds, next := map[int64]room.Record{}, int64(0)
	err = query(conn, forgettable, []any{id, forgetSome}, func(row *sqlite.Stmt) error {
		var r room.Record
		err := readRecord(row, 2, &r)
		rounds[row.ColumnInt64(0)] = history.Without(r, id)
		next = row.ColumnInt64(1)
		return err
	})
	if err != nil {
		return false, err
	}
	for seq, r := range rounds {
		const update = `UPDATE rounds SET host_id = ?1, guest_id = ?2, record = ?3,
			host_prev = iif(?1 IS NULL, 0, host_prev), guest_prev = iif(?2 IS NULL, 0, guest_prev) WHERE seq = ?4`
		if err := exec(conn, update, orNull(r.HostID), orNull(r.GuestID), string(r.Append(nil)), seq); err != nil {
			return false, fmt.Errorf("sqlite: take a name off: %w", err)
		}
	}
	if next > 0 {
		return true, exec(conn, `UPDATE leaving SET next = ? WHERE player = ?`, next, id)
	}
	return false, exec(conn, `DELETE FROM leaving WHERE player = ?`, id)
}

// finishForgetting does what a crash has kept from being done.
func finishForgetting(conn *sqlite.Conn) (err error) {
	end, err := sqlitex.ImmediateTransaction(conn)
	if err != nil {
		return err
	}
	defer end(&err)
	var leaving []string
	err = query(conn, `SELECT player FROM leaving`, nil, func(row *sqlite.Stmt) error {
		leaving = append(leaving, row.ColumnText(0))
		return nil
	})
	for _, id := range leaving {
		for more := true; more && err == nil; {
			more, err = forgetNext(conn, id)
		}
	}
	return err
}
