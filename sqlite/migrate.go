package sqlite

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// applicationID marks a database as ours: "tict".
const applicationID = 0x74696374

// The schema, one numbered file a version. A file that has been released never
// changes. The number of the newest applied one is SQLite's user_version.
//
//go:embed schema/*.sql
var schemaFiles embed.FS

func schema() []string {
	names, _ := fs.Glob(schemaFiles, "schema/*.sql") // sorted; the pattern is right
	scripts := make([]string, len(names))
	for i, name := range names {
		script, _ := schemaFiles.ReadFile(name) // it was just listed
		scripts[i] = string(script)
	}
	return scripts
}

// migrate checks whose database this is before it changes anything, then
// applies what is missing, each version in a transaction of its own.
func migrate(conn *sqlite.Conn) error {
	scripts := schema()
	version, err := pragma(conn, "user_version")
	if err != nil {
		return err
	}
	id, err := pragma(conn, "application_id")
	if err != nil {
		return err
	}
	tables, err := sqlitex.ResultInt64(conn.Prep(`SELECT count(*) FROM sqlite_schema`))
	if err != nil {
		return err
	}
	switch {
	case id != applicationID && (tables > 0 || id != 0 || version != 0):
		return errors.New("it is a database of another program")
	case version > int64(len(scripts)):
		return fmt.Errorf("a newer version of tictac wrote it (schema %d, this one knows %d)", version, len(scripts))
	}
	for _, setting := range []string{
		`journal_mode = WAL`, `synchronous = FULL`, fmt.Sprintf(`wal_autocheckpoint = %d`, checkpointAfter), fmt.Sprintf(`cache_size = -%d`, cacheKB),
	} {
		if err := sqlitex.ExecuteTransient(conn, `PRAGMA `+setting, nil); err != nil {
			return err
		}
	}
	for v := int(version); v < len(scripts); v++ {
		script := fmt.Sprintf("%s\nPRAGMA application_id = %d; PRAGMA user_version = %d;", scripts[v], applicationID, v+1)
		if err := sqlitex.ExecuteScript(conn, script, nil); err != nil {
			return fmt.Errorf("upgrade to schema %d: %w", v+1, err)
		}
	}
	return nil
}

// cacheKB is how much of the database the writer keeps in memory: SQLite's default,
// since under load it writes rooms' rows seldom.
const cacheKB = 2 << 10

func pragma(conn *sqlite.Conn, name string) (value int64, err error) {
	err = sqlitex.ExecuteTransient(conn, `PRAGMA `+name, &sqlitex.ExecOptions{
		ResultFunc: func(row *sqlite.Stmt) error { value = row.ColumnInt64(0); return nil },
	})
	return value, err
}
