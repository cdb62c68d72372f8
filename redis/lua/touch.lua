-- An identity is in use: it is kept on, for longer once it has played.
--
-- KEYS: player, games, keys
-- ARGV: 1 seconds for who has played   2 and for who has not
-- Returns for how long it is kept, 0 if there is none.
local stats = redis.call('HGET', KEYS[1], 'stats')
if not stats then
    return 0
end
local ttl = stats == '' and ARGV[2] or ARGV[1]
for i = 1, 3 do
    redis.call('EXPIRE', KEYS[i], ttl)
end
return tonumber(ttl)
