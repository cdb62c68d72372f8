package sqlite

import (
	"sync"
	"sync/atomic"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

const (
	// checkpointEvery is how often SQLite's log is brought into the database at
	// most, once it has checkpointFrom requests more.
	checkpointEvery = 50 * time.Millisecond
	checkpointFrom  = 256
	// checkpointAfter is at how many pages of the log, 64 MB, the writer does it
	// itself: under load a log that is never all in the database goes on growing.
	// More would make the start after a crash slower.
	checkpointAfter = 16 << 10
)

// A checkpointer brings SQLite's log into the database beside the writer, whose
// commits would wait for it otherwise. That it fails does not matter: the writer
// will do it, and meet whatever is wrong.
type checkpointer struct {
	conn   *sqlite.Conn
	behind atomic.Int64  // requests since the last time
	wake   chan struct{} // these are enough
	closed chan struct{}
	ended  sync.WaitGroup
}

func startCheckpointer(path string) (*checkpointer, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	c := &checkpointer{conn: conn, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	c.ended.Go(c.run)
	return c, nil
}

// wrote is told how many requests a transaction has carried out.
func (c *checkpointer) wrote(requests int) {
	if c.behind.Add(int64(requests)) < checkpointFrom {
		return
	}
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

func (c *checkpointer) run() {
	for {
		select {
		case <-c.wake:
		case <-c.closed:
			return
		}
		c.behind.Store(0)
		_ = sqlitex.ExecuteTransient(c.conn, `PRAGMA wal_checkpoint(PASSIVE)`, nil)
		select {
		case <-time.After(checkpointEvery):
		case <-c.closed:
			return
		}
	}
}

func (c *checkpointer) close() error {
	close(c.closed)
	c.ended.Wait()
	return c.conn.Close()
}
