import assert from 'node:assert/strict';
import { test } from 'node:test';
import { called, calledInFull } from '../js/names.js';
import { routeOf } from '../js/route.js';

test('an address names a page, with or without a slash at its end', () => {
  for (const [path, place, id] of [
    ['/', 'start', ''], ['/game/a1b2c3', 'game', 'a1b2c3'], ['/game/A1B2C3/', 'game', 'A1B2C3'], ['/game/', 'game', ''],
    ['/replay/r1', 'replay', 'r1'], ['/player/k3%20/', 'player', 'k3%20'], ['/me', 'me', ''], ['/me/', 'me', ''],
    ['/leaderboard', 'leaderboard', ''], ['/handoff', 'handoff', ''],
    ['/me/you', 'start', ''], ['/replay/a/b', 'start', ''], ['/nonsense', 'start', ''],
  ]) assert.deepEqual(routeOf(path), { place, id }, path); // prettier-ignore
});

test('the computer and the forgotten are called something', () => {
  assert.equal(called({ name: 'Ann' }), 'Ann');
  assert.equal(called({ name: 'Computer', computer: 'easy' }), 'Computer');
  assert.equal(calledInFull({ name: 'Computer', computer: 'easy' }), 'Computer (Easy)');
  assert.equal(calledInFull({ name: '' }), 'Somebody');
  assert.equal(called(null), '');
});
