-- A player's rounds hang together, each by the one before it, instead of being in
-- two indexes: what ends a round then writes at the log's end, and not into the
-- pages of an index where its players happen to lie.
CREATE TABLE chains (
    seq    INTEGER NOT NULL,
    player TEXT    NOT NULL,
    prev   INTEGER NOT NULL,
    PRIMARY KEY (seq, player)
) WITHOUT ROWID;
INSERT INTO chains
SELECT seq, player, lag(seq, 1, 0) OVER (PARTITION BY player ORDER BY seq) FROM (
    SELECT seq, host_id AS player FROM rounds WHERE host_id IS NOT NULL
    UNION ALL SELECT seq, guest_id FROM rounds WHERE guest_id IS NOT host_id AND guest_id IS NOT NULL)
ORDER BY seq;

-- seq of the round before that names the same player, in either seat; or 0.
ALTER TABLE rounds ADD COLUMN host_prev INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rounds ADD COLUMN guest_prev INTEGER NOT NULL DEFAULT 0;
UPDATE rounds SET
    host_prev = coalesce((SELECT prev FROM chains WHERE chains.seq = rounds.seq AND player = host_id), 0),
    guest_prev = coalesce((SELECT prev FROM chains WHERE chains.seq = rounds.seq AND player = guest_id), 0)
WHERE host_id IS NOT NULL OR guest_id IS NOT NULL;
DROP INDEX rounds_host;
DROP INDEX rounds_guest;

-- Where the chains begin of those who are in the log and not, or not yet, among the
-- players: rounds are imported first.
CREATE TABLE heads (
    player TEXT    PRIMARY KEY,
    newest INTEGER NOT NULL  -- seq of a round
) WITHOUT ROWID;
INSERT INTO heads SELECT player, max(seq) FROM chains GROUP BY player;
DROP TABLE chains;

ALTER TABLE players ADD COLUMN newest INTEGER NOT NULL DEFAULT 0; -- seq of the newest round that names it
UPDATE players SET newest = heads.newest FROM heads WHERE player = players.id;
ALTER TABLE leaving ADD COLUMN next INTEGER NOT NULL DEFAULT 0; -- seq of the newest round that still has the name
UPDATE leaving SET next = heads.newest FROM heads WHERE heads.player = leaving.player;
DELETE FROM heads WHERE player IN (SELECT id FROM players UNION ALL SELECT player FROM leaving);
