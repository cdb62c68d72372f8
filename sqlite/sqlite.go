// Package sqlite is the embedded engine: a play.Store and history.Archive in one
// SQLite file, for one server at a time. Commits are durable against a crash of the process and
// of the machine (WAL, synchronous=FULL); those that wait for the disk at the
// same moment share one transaction.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"tictac/play"
	"tictac/room"
)

// readers is how many rooms can be read at once, beside the writer.
const readers = 4

// A Store is an open database. It has one writer, which owns the connection.
type Store struct {
	path     string
	lock     *flock.Flock
	pool     *sqlitex.Pool
	watchers play.Watchers
	writer   *writer
	looking  chan struct{} // has an element for each reader that history uses

	open       context.Context // ends when the store is closed
	stop       context.CancelFunc
	forgetting sync.WaitGroup

	mu      sync.Mutex
	upSince room.Instant // when the server that opened us first renewed
}

// Open opens the database at path, makes it if there is none (the last folder
// of the path too), and upgrades an older schema. It fails, changing nothing,
// if another server has the file, if the file is not ours, or if a newer
// version wrote it.
func Open(path string) (*Store, error) {
	if path == "" {
		return nil, errors.New("the path of the database is empty")
	}
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	path, err := resolve(path)
	if err != nil {
		return nil, err
	}
	lock := flock.New(path + ".lock")
	switch held, err := lock.TryLock(); {
	case err != nil:
		return nil, fmt.Errorf("cannot write beside %s: %w", path, err)
	case !held:
		return nil, fmt.Errorf("%s is in use by another server", path)
	}
	s, err := open(path)
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	s.lock = lock
	return s, nil
}

func makeFolder(dir string) error {
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("cannot make the folder of the database: %w", err)
	}
	return nil
}

// resolve is where a path leads: two names of one file share its lock.
func resolve(path string) (string, error) {
	found, err := filepath.EvalSymlinks(path)
	if errors.Is(err, os.ErrNotExist) { // yet to be made
		found, err = filepath.EvalSymlinks(filepath.Dir(path))
		found = filepath.Join(found, filepath.Base(path))
	}
	if err != nil {
		return "", fmt.Errorf("cannot find %s: %w", path, err)
	}
	return found, nil
}

func open(path string) (*Store, error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite, sqlite.OpenCreate)
	if err != nil {
		return nil, fmt.Errorf("cannot open %s: %w", path, err)
	}
	if err := prepare(conn); err != nil {
		return nil, errors.Join(fmt.Errorf("cannot use %s: %w", path, err), conn.Close())
	}
	pool, err := sqlitex.NewPool(path, sqlitex.PoolOptions{
		Flags: sqlite.OpenReadWrite | sqlite.OpenWAL, PoolSize: readers, PrepareConn: keepLittle,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("cannot open %s: %w", path, err), conn.Close())
	}
	s := &Store{path: path, pool: pool, looking: make(chan struct{}, archiveReaders)}
	s.open, s.stop = context.WithCancel(context.Background())
	if s.writer, err = startWriter(conn, path, s.watchers.Tell); err != nil {
		s.stop()
		return nil, errors.Join(fmt.Errorf("cannot use %s: %w", path, err), pool.Close(), conn.Close())
	}
	return s, nil
}

// keepLittle has a reader keep half a megabyte of the database in memory, a quarter
// of the default: it reads a room once, and from then on the server has it.
func keepLittle(conn *sqlite.Conn) error {
	return sqlitex.ExecuteTransient(conn, `PRAGMA cache_size = -512`, nil)
}

// prepare brings the schema up to date, sets how durable a commit is, and does what
// a crash has kept from being done.
func prepare(conn *sqlite.Conn) error {
	if err := migrate(conn); err != nil {
		return err
	}
	return finishForgetting(conn)
}

// Close makes all commits that wait and closes the database.
func (s *Store) Close() error {
	s.stop()
	s.forgetting.Wait()
	return errors.Join(s.writer.close(), s.pool.Close(), s.lock.Unlock())
}

// Load implements play.Store.
func (s *Store) Load(ctx context.Context, code string) (snap play.Snapshot, err error) {
	if snap, ok := s.writer.journal.newest(roomID(code)); ok {
		return snap, nil
	}
	found := false
	err = s.read(ctx, `SELECT commit_id, snapshot FROM rooms WHERE id = ?`, []any{roomID(code)}, func(row *sqlite.Stmt) error {
		found = true
		data := make([]byte, row.ColumnLen(1))
		row.ColumnBytes(1, data)
		snap.Commit = row.ColumnText(0)
		snap.State, err = room.Decode(data)
		return err
	})
	if err == nil && !found {
		err = play.ErrNotFound
	}
	return snap, err
}

// Due implements play.Store.
func (s *Store) Due(ctx context.Context, now room.Instant, limit int) (codes []string, err error) {
	const query = `SELECT code FROM rooms WHERE wake <= ? ORDER BY wake LIMIT ?`
	err = s.read(ctx, query, []any{int64(now), limit}, func(row *sqlite.Stmt) error {
		codes = append(codes, row.ColumnText(0))
		return nil
	})
	return codes, err
}

// Log returns the events of the round that a room is playing, in order.
func (s *Store) Log(ctx context.Context, code string) ([]room.Event, error) {
	if err := s.writer.settle(ctx); err != nil {
		return nil, err
	}
	return s.readLog(ctx, code)
}

// readLog is Log as rooms' rows have it.
func (s *Store) readLog(ctx context.Context, code string) (events []room.Event, err error) {
	const query = `SELECT events FROM (
		SELECT rev, events FROM log_pages WHERE id = ?1 UNION ALL SELECT rev + 1, log FROM rooms WHERE id = ?1) ORDER BY rev`
	err = s.read(ctx, query, []any{roomID(code)}, func(row *sqlite.Stmt) error {
		page, err := readEvents([]byte(row.ColumnText(0)))
		events = append(events, page...)
		return err
	})
	return events, err
}

// read runs one query on a connection of its own.
func (s *Store) read(ctx context.Context, query string, args []any, row func(*sqlite.Stmt) error) error {
	conn, err := s.pool.Take(ctx)
	if err != nil {
		return fmt.Errorf("sqlite: no connection to read: %w", err)
	}
	defer s.pool.Put(conn)
	return given(ctx, sqlitex.Execute(conn, query, &sqlitex.ExecOptions{Args: args, ResultFunc: row}))
}

// given is the error of a query. One that was interrupted has not failed: it is
// told as why nobody waits for it any more.
func given(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// Watch implements play.Store.
func (s *Store) Watch(code string, tell func(play.Snapshot)) (stop func()) {
	return s.watchers.Add(code, tell)
}

// Renew implements play.Store. One server has the file, so its tenure begins
// with its first Renew, and every other server is dead. The disk is tried only
// while the last commit failed.
func (s *Store) Renew(ctx context.Context, server string, now room.Instant) (play.Tenure, error) {
	if err := s.writer.probe(ctx, now); err != nil {
		return play.Tenure{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.upSince == 0 {
		s.upSince = now
	}
	return play.Tenure{
		UpSince: s.upSince,
		Dead:    func(other string) bool { return other != server },
	}, nil
}
