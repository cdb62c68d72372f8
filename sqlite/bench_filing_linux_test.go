package sqlite

import (
	"crypto/rand"
	"fmt"
	mrand "math/rand/v2"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"

	"tictac/game"
	"tictac/history"
	"tictac/play"
	"tictac/room"
)

// BenchmarkFiling is rated rounds filed, 30 in a transaction as on a busy server,
// by 2,000 players who have played 50,000. Frames are pages written to the log.
func BenchmarkFiling(b *testing.B) {
	const players, before, batch = 2000, 50_000, 30
	conn, err := sqlite.OpenConn(filepath.Join(b.TempDir(), "tictac.db"), sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	if err := prepare(conn); err != nil {
		b.Fatal(err)
	}
	transact := func(n int, each func(i int) error) {
		err := exec(conn, `BEGIN IMMEDIATE`)
		for i := 0; i < n && err == nil; i++ {
			err = each(i)
		}
		if err == nil {
			err = exec(conn, `COMMIT`)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	ids := make([]string, players)
	transact(players, func(i int) error {
		ids[i] = rand.Text()[:16]
		rating := &history.Rating{Value: 1300 + float64(i*7919%400), Deviation: 60 + float64(i%60), Volatility: 0.06}
		_, err := putAccount(conn, history.Account{ID: ids[i], Name: "Ann", Enrolled: 1, Totals: history.Totals{Rating: rating}})
		return err
	})
	// Checkpoints are made here, as often as there are by default, to count.
	if err := exec(conn, `PRAGMA wal_autocheckpoint = 0`); err != nil {
		b.Fatal(err)
	}
	frames := 0
	checkpoint := func() {
		err := query(conn, `PRAGMA wal_checkpoint(PASSIVE)`, nil, func(row *sqlite.Stmt) error {
			frames += row.ColumnInt(1)
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	one := func(int) error { return fileOne(b, conn, ids) }
	for n := 0; n < before; n += 1000 {
		transact(1000, one)
		checkpoint()
	}
	frames = 0
	b.ReportAllocs()
	b.ResetTimer()
	spent := cpu(b)
	for n, k := 0, 0; n < b.N; n += batch {
		transact(min(batch, b.N-n), one)
		if k++; k%25 == 0 {
			checkpoint()
		}
	}
	checkpoint()
	b.ReportMetric(float64(frames)/float64(b.N), "frames/op")
	b.ReportMetric(float64(cpu(b)-spent)/float64(b.N), "cpu-ns/op")
}

// cpu is what the process has used: it tells more than the time, most of which a
// slow disk takes.
func cpu(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// fileOne files a round of two players, with all that an end of a round takes but
// its room.
func fileOne(b *testing.B, conn *sqlite.Conn, ids []string) error {
	host := mrand.IntN(len(ids))
	guest := (host + 1 + mrand.IntN(len(ids)-1)) % len(ids)
	r := &room.Record{
		ID: roundID(), Code: "aaaaaa", Round: 3, Host: "Ann", Guest: "Bob", HostID: ids[host], GuestID: ids[guest],
		HostMark: game.X, Began: 1790000000123, Finished: 1790000002123, Ended: room.ByLine, Winner: game.X, Rated: true,
	}
	if mrand.IntN(2) == 0 {
		r.Winner = game.O
	}
	for i, cell := range [...]int{0, 1, 2, 4, 3, 5, 6} {
		r.Moves = append(r.Moves, room.Played{Cell: cell, At: room.Instant(1790000000123 + 100*i)})
	}
	q, err := encode(b.Context(), play.Commit{State: &room.State{Code: "aaaaaa", Rev: 4}, Filed: r})
	if err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	return file(conn, r, q.record)
}

var filed atomic.Int64

// roundID is as play makes them: in order, but for those of the rounds that are
// played at the same time.
func roundID() string {
	at := 1790000000123 + filed.Add(1) + mrand.Int64N(500)
	return strconv.FormatInt(at, 36) + rand.Text()[:16]
}
