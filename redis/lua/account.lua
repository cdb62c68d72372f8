-- A player's account changes, if it is as it was when that was decided.
--
-- KEYS: player (a hash), games (a sorted set: its rounds by number), keys (a string)
-- ARGV: 1 the number of the last round counted, and that of the last one folded into the opening totals, as they
--       were   2 seconds until an untouched account expires   3 a round to be added, or ""   4 its number
--       5 up to which number rounds leave the list, or ""   6... fields and values
-- Returns 1; 0 if the account has changed, -1 if there is none.
local player, games, keys = KEYS[1], KEYS[2], KEYS[3]
local now = redis.call('HMGET', player, 'last', 'base')
if not now[1] then
    return -1
end
if now[1] .. ' ' .. now[2] ~= ARGV[1] then
    return 0
end
for i = 6, #ARGV, 2 do
    redis.call('HSET', player, ARGV[i], ARGV[i + 1])
end
if ARGV[3] ~= '' then
    redis.call('ZADD', games, ARGV[4], ARGV[3])
end
if ARGV[5] ~= '' then
    redis.call('ZREMRANGEBYSCORE', games, '-inf', ARGV[5])
end
for i = 1, 3 do
    redis.call('EXPIRE', KEYS[i], ARGV[2])
end
return 1
