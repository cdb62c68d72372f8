package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// Backup copies the database at path to a new file, as it is at one moment; a
// server may be using it meanwhile. The file appears whole or not at all, and
// is durable when Backup returns. It is itself a database to be opened.
func Backup(path, file string) error {
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s exists already: name a new file", file)
	}
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return fmt.Errorf("cannot open %s: %w", path, err)
	}
	defer conn.Close()
	part := file + ".part"
	if err := os.Remove(part); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := sqlitex.ExecuteTransient(conn, `VACUUM INTO ?`, &sqlitex.ExecOptions{Args: []any{part}}); err != nil {
		return errors.Join(fmt.Errorf("cannot copy %s: %w", path, err), os.Remove(part))
	}
	if err := flush(part); err != nil {
		return err
	}
	if err := os.Rename(part, file); err != nil {
		return err
	}
	_ = flush(filepath.Dir(file)) // the new name, too; not every system can
	return nil
}

func flush(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
