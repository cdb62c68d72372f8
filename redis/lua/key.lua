-- A key is noted with the identity that it opens, so that it goes when that is
-- forgotten.
--
-- KEYS: player, keys
-- ARGV: 1 the key   2 seconds until an untouched identity expires   3... fields and values of a new identity, or none
-- Returns 2 if the identity was made by this, 1 if it has the key now; 0 if it is
-- there already and has another one, or is to have one and is not there.
local player, keys = KEYS[1], KEYS[2]
local new = #ARGV > 2
if redis.call('EXISTS', player) == 0 then
    if not new then
        return 0
    end
    for i = 3, #ARGV, 2 do
        redis.call('HSET', player, ARGV[i], ARGV[i + 1])
    end
    redis.call('SET', keys, ARGV[1], 'EX', ARGV[2])
    redis.call('EXPIRE', player, ARGV[2])
    return 2
end
local all = redis.call('GET', keys) or ''
if not string.find(' ' .. all .. ' ', ' ' .. ARGV[1] .. ' ', 1, true) then
    if new then
        return 0
    end
    redis.call('SET', keys, all == '' and ARGV[1] or all .. ' ' .. ARGV[1], 'KEEPTTL')
end
return 1
