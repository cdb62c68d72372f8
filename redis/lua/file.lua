-- Ended rounds get their places in the log of all rounds: numbers from one
-- counter. A round that has one keeps it.
--
-- KEYS: log (a sorted set of round ids by number), count (a hash: the last number, the number through which rounds
--       are counted, and who counts)
-- ARGV: 1 seconds until an untouched log expires   2 the same for the counter
--       3 "1" if they are counted already   4... round ids, in order
-- Returns the number of each, negated if it had one.
local log, count = KEYS[1], KEYS[2]
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)

local numbers = {}
for i = 4, #ARGV do
    local had = redis.call('ZSCORE', log, ARGV[i])
    if had then
        numbers[#numbers + 1] = '-' .. had
    else
        -- Not less than the clock: a counter that was lost in a failover, or has
        -- expired, gives no number twice.
        local seq = math.max(tonumber(redis.call('HGET', count, 'seq') or 0) + 1, clock)
        local text = string.format('%.0f', seq)
        redis.call('HSET', count, 'seq', text)
        redis.call('ZADD', log, text, ARGV[i])
        if ARGV[3] == '1' then
            redis.call('HSET', count, 'through', text)
        end
        numbers[#numbers + 1] = text
    end
end
redis.call('EXPIRE', log, ARGV[1])
redis.call('EXPIRE', count, ARGV[2])
return numbers
