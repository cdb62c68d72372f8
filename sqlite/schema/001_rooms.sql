-- Rooms, each as its newest snapshot.
CREATE TABLE rooms (
    code      TEXT    PRIMARY KEY,
    rev       INTEGER NOT NULL,  -- compared and swapped by every commit
    commit_id TEXT    NOT NULL,  -- whose commit made this revision
    wake      INTEGER NOT NULL,  -- Unix milliseconds: look at the room then, or before
    snapshot  BLOB    NOT NULL   -- room.Encode
) WITHOUT ROWID;

CREATE INDEX rooms_wake ON rooms (wake);

-- One row that is written to learn whether a failing disk takes writes again:
-- more of it than a commit writes.
CREATE TABLE probe (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    at     INTEGER NOT NULL,
    filler BLOB    NOT NULL
);
INSERT INTO probe VALUES (1, 0, x'');
