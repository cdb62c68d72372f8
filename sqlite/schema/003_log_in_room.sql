-- A room, found by its code as a number (each of the six characters is a digit
-- to the base of 36), with the log of its open round beside the snapshot: a move
-- then writes one row of one page.
CREATE TABLE rooms_3 (
    id        INTEGER PRIMARY KEY,
    code      TEXT    NOT NULL,
    rev       INTEGER NOT NULL,  -- compared and swapped by every commit
    commit_id TEXT    NOT NULL,  -- whose commit made this revision
    wake      INTEGER NOT NULL,  -- Unix milliseconds: look at the room then, or before
    snapshot  BLOB    NOT NULL,  -- room.Encode
    log       TEXT    NOT NULL   -- room.Events as JSON, a line each: the newest of the open round
);

WITH
    digits (room, place, value) AS (
        SELECT code, 1, instr('0123456789abcdefghijklmnopqrstuvwxyz', substr(code, 1, 1)) - 1 FROM rooms
        UNION ALL
        SELECT room, place + 1, value * 36 + instr('0123456789abcdefghijklmnopqrstuvwxyz', substr(room, place + 1, 1)) - 1
        FROM digits WHERE place < length(room)
    )
INSERT INTO rooms_3
SELECT value, code, rooms.rev, commit_id, wake, snapshot,
    coalesce((SELECT group_concat(event || char(10), '') FROM (
        SELECT event FROM events WHERE events.code = rooms.code ORDER BY events.rev, n)), '')
FROM rooms JOIN digits ON room = code AND place = length(code);

DROP TABLE rooms;
DROP TABLE events;
ALTER TABLE rooms_3 RENAME TO rooms;
CREATE INDEX rooms_wake ON rooms (wake);

-- What of such a log came before, where it got long: players who come and go
-- are logged too, as often as they like.
CREATE TABLE log_pages (
    id     INTEGER NOT NULL,  -- of the room
    rev    INTEGER NOT NULL,  -- at which the page was full
    events TEXT    NOT NULL,  -- as in rooms.log
    PRIMARY KEY (id, rev)
) WITHOUT ROWID;
