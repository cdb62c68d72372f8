-- A value changes, if it is what it was when that was decided. It expires when it would have.
--
-- KEYS: value
-- ARGV: 1 what it was   2 what it is to be
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1
