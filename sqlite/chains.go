package sqlite

import (
	"fmt"

	"zombiezen.com/go/sqlite"
)

// A player's rounds hang together, newest first: each by the one before it that
// names the player too, in either seat. Those that do not count are among them.

// prevOf is the round before one for the player ?1; 0 is none. Whoever is forgotten
// meanwhile is in no chain any more.
const prevOf = `CASE ?1 WHEN host_id THEN host_prev WHEN guest_id THEN guest_prev ELSE 0 END`

// chain follows the rounds of the player ?1, from one on.
const chain = ` UNION ALL SELECT ` + prevOf + ` FROM chain CROSS JOIN rounds USING (seq))`

// newestOf is where the chain of a player begins that is, perhaps, not put yet.
func newestOf(conn *sqlite.Conn, id string) (seq int64, err error) {
	const newest = `SELECT newest FROM players WHERE id = ?1 UNION ALL SELECT newest FROM heads WHERE player = ?1 LIMIT 1`
	err = query(conn, newest, []any{id}, func(row *sqlite.Stmt) error {
		seq = row.ColumnInt64(0)
		return nil
	})
	return seq, err
}

// lengthen has the chain of a player begin at a newer round.
func lengthen(conn *sqlite.Conn, id string, seq int64) error {
	err := exec(conn, `UPDATE players SET newest = ?2 WHERE id = ?1`, id, seq)
	if err == nil && conn.Changes() == 0 {
		err = exec(conn, `INSERT INTO heads (player, newest) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET newest = ?2`, id, seq)
	}
	if err != nil {
		return fmt.Errorf("sqlite: chain a round: %w", err)
	}
	return nil
}

// takeChain gives a player who is new the rounds that are there already.
func takeChain(conn *sqlite.Conn, id string) error {
	const take = `UPDATE players SET newest = heads.newest FROM heads WHERE id = ?1 AND player = ?1`
	if err := exec(conn, take, id); err != nil || conn.Changes() == 0 {
		return err
	}
	return exec(conn, `DELETE FROM heads WHERE player = ?`, id)
}
