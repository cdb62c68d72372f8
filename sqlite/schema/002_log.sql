-- What has happened in the round that a room is playing. The rows go when the
-- round ends and is filed.
CREATE TABLE events (
    code  TEXT    NOT NULL,
    rev   INTEGER NOT NULL,  -- the commit they came with
    n     INTEGER NOT NULL,  -- their order in it, from 0
    event TEXT    NOT NULL,  -- room.Event as JSON
    PRIMARY KEY (code, rev, n)
) WITHOUT ROWID;

-- Every round that was ever finished.
CREATE TABLE rounds (
    id       TEXT    PRIMARY KEY,
    code     TEXT    NOT NULL,
    finished INTEGER NOT NULL,  -- Unix milliseconds
    ended    TEXT    NOT NULL,  -- line, draw, resign, left, expired
    record   TEXT    NOT NULL   -- room.Record as JSON: players, moves with times, result
) WITHOUT ROWID;

CREATE INDEX rounds_finished ON rounds (finished);
