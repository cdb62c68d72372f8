-- Takes a room out of an index if there is no such room: it expired while no
-- server was there to close it.
--
-- KEYS: room, due or held
-- ARGV: the index's member
if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('ZREM', KEYS[2], ARGV[1])
end
return 1
