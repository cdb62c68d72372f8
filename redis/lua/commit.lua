-- One commit of a room: compare, set, log, index, file, tell; all or nothing,
-- in one round trip. Every key lies in the room's slot.
--
-- KEYS: room, log, due, held, outbox
-- ARGV: 1 the revision it was decided on   2 the new one   3 commit id
--       4 code   5 snapshot   6 "1" if the room is gone   7 wake, or "" to leave the index alone
--       8 servers that hold sockets, each followed by a space, or "-" to leave them alone
--       9 round id, or ""   10 the round's record   11 seconds until an untouched room expires
--       12 until when it may be made, in milliseconds of Redis' clock, or ""   13... events for the log
-- Returns Redis' own time in milliseconds, or 0 if the room has another revision,
-- or less than 0, that time negated, if it comes too late: a Redis that hung reads
-- what was sent to it meanwhile, for which nobody waits any more and by which
-- nobody's seat is to be freed.
local room, log, due, held, outbox = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local code = ARGV[4]
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)

local now = redis.call('HMGET', room, 'rev', 'commit', 'held')
if now[2] == ARGV[3] then
    return clock -- this very commit has been made: its answer was lost
end
if (now[1] or '0') ~= ARGV[1] then
    return 0
end
if ARGV[12] ~= '' and clock > tonumber(ARGV[12]) then
    return -clock
end

if ARGV[8] ~= '-' then
    for server in string.gmatch(now[3] or '', '%S+') do
        redis.call('ZREM', held, server .. ' ' .. code)
    end
    for server in string.gmatch(ARGV[8], '%S+') do
        redis.call('ZADD', held, 0, server .. ' ' .. code)
        redis.call('EXPIRE', held, ARGV[11])
    end
end

if ARGV[6] == '1' then
    redis.call('DEL', room, log)
    redis.call('ZREM', due, code)
else
    redis.call('HSET', room, 'rev', ARGV[2], 'commit', ARGV[3], 'snapshot', ARGV[5])
    if ARGV[8] ~= '-' then
        redis.call('HSET', room, 'held', ARGV[8])
    end
    redis.call('EXPIRE', room, ARGV[11])
    if ARGV[7] ~= '' then
        redis.call('ZADD', due, ARGV[7], code)
        redis.call('EXPIRE', due, ARGV[11]) -- no room is indexed for longer than it lasts
    end
    if ARGV[9] ~= '' then
        redis.call('DEL', log)
    elseif #ARGV > 12 then
        for i = 13, #ARGV do
            redis.call('RPUSH', log, ARGV[i])
        end
        redis.call('EXPIRE', log, ARGV[11])
    end
end
if ARGV[9] ~= '' then
    redis.call('HSET', outbox, ARGV[9], ARGV[10])
end

redis.call('SPUBLISH', room, ARGV[3] .. ' ' .. ARGV[5])
return clock
