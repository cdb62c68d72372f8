-- Revisions of rooms that their rows do not have yet. When many commits share a
-- transaction, they are written as one row here, in the order in which they were
-- made; a room's own row gets the newest of its revisions later.
CREATE TABLE journal (
    seq     INTEGER PRIMARY KEY,
    entries BLOB    NOT NULL  -- see sqlite/entry.go
);
