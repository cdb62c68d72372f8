import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announce, howEnded, standing } from '../js/announce.js';
import * as reactions from '../js/reactions.js';
import * as state from '../js/state.js';
import { hurry, nextBeat, timeLeft } from '../js/timer.js';
import { viewOf } from './fakes.js';

const seated = (you = 'host') => state.welcomed(state.begin('a1b2c3'), you);
const sees = (game, change, now = 0) => state.viewed(game, viewOf(change), now);
const blitz = { turn_seconds: 15, turn_ms: 12_400 };

test('the clock runs on between two views, down to nothing', () => {
  const game = sees(seated(), blitz, 1000);
  assert.equal(timeLeft(game, 1000), 12_400);
  assert.equal(nextBeat(game, 1000), 400);
  assert.equal(timeLeft(game, 2400), 11_000);
  assert.equal(nextBeat(game, 2400), 1000);
  assert.equal(timeLeft(game, 99_000), 0);
  assert.equal(nextBeat(game, 99_000), -1);
});

test('no clock in a room without one, nor when nothing is played', () => {
  assert.equal(timeLeft(sees(seated(), {}), 0), -1);
  assert.equal(timeLeft(sees(seated(), { ...blitz, phase: 'over', turn: '' }), 0), -1);
  assert.equal(nextBeat(seated(), 0), -1);
});

test('time that stands is not more than a turn', () => {
  assert.equal(timeLeft(sees(seated(), { turn_seconds: 15, turn_ms: 22_000 }), 0), 15_000);
});

test('who is to move is told once that there is little time, unless a turn is not longer', () => {
  const game = sees(seated(), blitz, 0);
  assert.equal(hurry(game, 7_000), '');
  assert.equal(hurry(game, 7_400), '1.0');
  assert.equal(hurry(game, 12_000), '1.0', 'the same turn');
  assert.equal(hurry(game, 12_400), '', 'too late');
  assert.equal(hurry(sees(seated('guest'), blitz), 8_000), '', 'the other one’s time');
  assert.equal(hurry(sees(seated(), { turn_seconds: 5, turn_ms: 5_000 }), 1_000), '');
});

test('a lost time is told from where one sits, and the length of turns when a round begins', () => {
  const before = sees(seated(), blitz);
  const game = sees(before, { rev: 2, phase: 'over', turn: '', winner: 'O', ended: 'clock', turn_seconds: 15 });
  assert.deepEqual(howEnded(game), ['byClockOfYou', {}]);
  assert.deepEqual(howEnded({ ...game, you: 'guest' }), ['byClock', { name: 'Ann' }]);
  assert.equal(standing(game)[0], 'theyWon');
  assert.equal(announce(before, game), 'Your time ran out. Bob won.');
  assert.match(announce(seated(), before), /You play X\. 15 seconds a move\. Your turn\.$/);
});

test('a gesture is seen for a while and told, more of them meanwhile are only seen', () => {
  const game = sees(seated(), {});
  const first = reactions.reacted(game, 'guest', '👏', 1000);
  assert.equal(reactions.gestureOf(first, 'guest', 1000), '👏');
  assert.equal(reactions.gestureOf(first, 'guest', 1000 + reactions.SHOWN_MS), '');
  assert.equal(reactions.gestureOf(first, 'host', 1000), '');
  assert.equal(announce(game, first), 'Bob: applause.');
  const second = reactions.reacted(first, 'guest', '😂', 2100);
  assert.equal(reactions.gestureOf(second, 'guest', 2100), '😂');
  assert.equal(announce(first, second), '');
  const later = reactions.reacted(second, 'guest', '😂', 9000);
  assert.equal(announce(second, later), 'Bob: laughter.');
  assert.equal(announce(game, reactions.reacted(game, 'host', '🎉', 0)), 'You: hooray.');
});

test('what is no gesture is none', () => {
  const game = sees(seated(), {});
  assert.equal(reactions.reacted(game, 'guest', '<b>', 0), game);
  assert.equal(reactions.reacted(game, 'spectator', '👏', 0), game);
});

test('gestures are for those at the board, to a person, one a second', () => {
  const game = sees(seated(), {});
  assert.equal(reactions.canReact(game, 0), true);
  assert.equal(reactions.canReact(reactions.quiet(game, 0), 1000), false);
  assert.equal(reactions.canReact(reactions.quiet(game, 0), reactions.QUIET_MS), true);
  assert.equal(reactions.canReact(state.linked(game, 'lost'), 0), false);
  assert.equal(reactions.mayReact(sees(seated('spectator'), {})), false);
  assert.equal(reactions.mayReact(sees(seated(), { guest: { computer: 'easy' } })), false);
  assert.equal(reactions.mayReact(sees(seated(), { phase: 'waiting', guest: null, turn: '' })), false);
});
