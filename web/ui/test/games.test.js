import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asker } from '../js/api.js';
import { openArchive } from '../js/archive.js';
import { NONE, withPage } from '../js/games.js';

const game = (id) => ({ id });

test('pages are put one after the other, and no round stands there twice', () => {
  const first = withPage(NONE, { games: [game('c'), game('b')], next: 'b' });
  assert.deepEqual(first, { games: [game('c'), game('b')], next: 'b' });
  const second = withPage(first, { games: [game('b'), game('a')] });
  assert.deepEqual(second, { games: [game('c'), game('b'), game('a')], next: '' });
});

/** An archive whose server gives one answer, and what it was asked. */
function archive(status, body, headers = {}) {
  const asked = [];
  const answer = () => new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
  const fetch = async (path, { method, body: sent }) => {
    asked.push([method, path, sent]);
    return answer();
  };
  return { asked, ...openArchive(asker(fetch)) };
}

test('each question goes where the protocol has it', async () => {
  const a = archive(200, {});
  await a.me();
  await a.player('k3');
  await a.games('k3');
  await a.games('k3', 'a b');
  await a.round('r1');
  await a.leaders();
  await a.offer();
  await a.take('secret');
  assert.deepEqual(a.asked, [
    ['GET', '/api/me', undefined],
    ['GET', '/api/players/k3', undefined],
    ['GET', '/api/players/k3/games?limit=20', undefined],
    ['GET', '/api/players/k3/games?limit=20&before=a%20b', undefined],
    ['GET', '/api/rounds/r1', undefined],
    ['GET', '/api/leaderboard?limit=50', undefined],
    ['POST', '/api/me/handoff', '{}'],
    ['POST', '/api/handoff', '{"token":"secret"}'],
  ]);
});

test('an empty answer is one, a problem is told by its code, and what is no problem by a general one', async () => {
  const gone = archive(204);
  await gone.forget();
  assert.deepEqual(gone.asked, [['DELETE', '/api/me', undefined]]);
  await assert.rejects(archive(401, { code: 'unauthorized' }).me(), { code: 'unauthorized' });
  await assert.rejects(archive(429, { code: 'too_many_requests' }, { 'Retry-After': '7' }).me(), { code: 'too_many_requests', wait: 7 });
  await assert.rejects(archive(502).me(), { code: 'unavailable' });
});
