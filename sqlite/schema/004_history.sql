-- Every round that was ever finished: the log, of which statistics are a fold.
-- Those of before there were identities count for nobody.
CREATE TABLE rounds_4 (
    seq      INTEGER PRIMARY KEY,    -- its place in the log: as filed
    id       TEXT    NOT NULL UNIQUE,
    host_id  TEXT,                   -- whom the record names; NULL without an identity
    guest_id TEXT,
    counts   INTEGER NOT NULL,       -- for whom it is in the log: 1 the host, 2 the guest, 3 both
    record   TEXT    NOT NULL,       -- room.Record as JSON: players, moves with times, result
    before   TEXT                    -- of a rated round: what both were rated at, as JSON
);
INSERT INTO rounds_4 (id, counts, record) SELECT id, 0, record FROM rounds ORDER BY finished, id;
DROP TABLE rounds;
ALTER TABLE rounds_4 RENAME TO rounds;

-- With seq at their end, as all indexes of such a table: a player's newest rounds
-- are found in order, past any number that do not count.
CREATE INDEX rounds_host ON rounds (host_id, counts & 1) WHERE host_id IS NOT NULL;
CREATE INDEX rounds_guest ON rounds (guest_id, counts & 2) WHERE guest_id IS NOT NULL;

-- Identities, with what is counted of their rounds.
CREATE TABLE players (
    id          TEXT    PRIMARY KEY,
    name        TEXT    NOT NULL,            -- the one last played under
    enrolled    INTEGER NOT NULL,            -- Unix milliseconds
    opening     TEXT,                        -- history.Totals as JSON, of rounds that are not in the log; or NULL
    played      INTEGER NOT NULL DEFAULT 0,  -- history.Stats
    won         INTEGER NOT NULL DEFAULT 0,
    lost        INTEGER NOT NULL DEFAULT 0,
    drawn       INTEGER NOT NULL DEFAULT 0,
    abandoned   INTEGER NOT NULL DEFAULT 0,
    streak      INTEGER NOT NULL DEFAULT 0,
    best_streak INTEGER NOT NULL DEFAULT 0,
    rating      REAL,                        -- history.Rating; NULL before the first rated round
    deviation   REAL,
    volatility  REAL
) WITHOUT ROWID;

CREATE INDEX players_leaders ON players (rating DESC, id) WHERE deviation <= 110; -- history.LeaderDeviation

-- What opens an identity: hashes of secrets.
CREATE TABLE keys (
    key    TEXT PRIMARY KEY,
    player TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX keys_player ON keys (player);

-- By which another device may get an identity, once.
CREATE TABLE tokens (
    token  TEXT    PRIMARY KEY,  -- hash of a secret
    player TEXT    NOT NULL,
    until  INTEGER NOT NULL      -- Unix milliseconds
) WITHOUT ROWID;
CREATE INDEX tokens_until ON tokens (until);

-- Identities that are gone, while their names are being taken off their rounds.
CREATE TABLE leaving (
    player TEXT PRIMARY KEY
) WITHOUT ROWID;
