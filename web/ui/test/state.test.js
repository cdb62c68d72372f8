import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as state from '../js/state.js';
import { viewOf } from './fakes.js';

const seated = (you = 'host') => state.welcomed(state.begin('a1b2c3'), you);
const sees = (game, change, now = 0) => state.viewed(game, viewOf(change), now);

test('the last move is what the board has more than before', () => {
  let game = sees(seated(), { ply: 1, board: 'X........', turn: 'O' });
  assert.equal(game.last, -1, 'unknown on the first look');
  game = sees(game, { rev: 2, ply: 2, board: 'X...O....' });
  assert.equal(game.last, 4);
  game = sees(game, { rev: 3, ply: 2, board: 'X...O....', watching: 1 });
  assert.equal(game.last, 4, 'the same board keeps it');
  game = sees(game, { rev: 5, ply: 4, board: 'XX..OO...' });
  assert.equal(game.last, 5, 'of two missed moves the one by the last mover');
  game = sees(game, { rev: 6, round: 2, ply: 0 });
  assert.equal(game.last, -1);
  game = sees(game, { rev: 7, round: 2, ply: 1, board: '..X......', turn: 'O' });
  assert.equal(game.last, 2);
  game = sees(game, { rev: 12, round: 2, ply: 5, board: '.OXX.OX..', turn: 'O' });
  assert.equal(game.last, -1, 'two candidates: not known');
});

test('only the player to move may press, and only an empty cell', () => {
  const host = sees(seated(), { board: 'O........' });
  assert.equal(state.canPress(host, 4), true);
  assert.equal(state.canPress(host, 0), false);
  assert.equal(state.canPress(sees(seated('guest'), {}), 4), false);
  assert.equal(state.canPress(sees(seated('spectator'), {}), 4), false);
  assert.equal(state.canPress(sees(seated(), { phase: 'over', turn: '', winner: 'X' }), 4), false);
  assert.equal(state.pressed(host, 0), host);
});

test('a pending mark is shown, and a view of the same moment keeps it', () => {
  let game = state.pressed(sees(seated(), {}), 8);
  assert.equal(state.shown(game), '........X');
  assert.deepEqual(state.wanted(game), [{ type: 'move', cell: 8, round: 1, ply: 0 }]);
  game = sees(game, { watching: 3 });
  assert.equal(state.shown(game), '........X');
  assert.equal(game.view.board, '.........', 'the truth is not touched');
});

test('a pending mark that was overtaken is taken back with a word', () => {
  const game = sees(state.pressed(sees(seated(), {}), 8), { rev: 2, ply: 1, turn: 'O', board: 'X........' });
  assert.equal(game.pending, null);
  assert.equal(game.refusal, 'stale');
  assert.equal(sees(game, { rev: 3, ply: 2, board: 'XO.......' }).refusal, '', 'and the word goes with the next move');
});

test('presence: a flicker is no absence; a real one counts down', () => {
  let game = sees(seated(), {}, 1000);
  assert.equal(state.presence(game, 'guest', 1000), 'here');
  game = sees(game, { rev: 2, guest: { online: false, back_in_ms: 120_000 } }, 2000);
  assert.equal(state.presence(game, 'guest', 2000 + state.FLICKER_MS - 1), 'here');
  assert.equal(state.presence(game, 'guest', 2000 + state.FLICKER_MS), 'away');
  game = sees(game, { rev: 2, guest: { online: false, back_in_ms: 119_000 } }, 3000);
  assert.equal(state.presence(game, 'guest', 3000), 'away', 'a further view does not start the clock again');
  assert.equal(state.backIn(game, 'guest', 3000), 119);
  assert.equal(state.backIn(game, 'guest', 62_500), 60);
  assert.equal(state.backIn(game, 'guest', 999_000), 0);
  assert.equal(state.presence(sees(game, { rev: 3, phase: 'waiting', guest: null }, 4000), 'guest', 4000), 'left');
});

test('presence: who is away when we come is away', () => {
  const game = sees(seated(), { guest: { online: false, back_in_ms: 5000 } }, 1_000_000);
  assert.equal(state.presence(game, 'guest', 1_000_000), 'away');
});

test('after a refresh the last move is worked out from the board that was seen before', () => {
  const seen = { round: 2, ply: 3, board: 'O...X...X', last: 8 };
  const again = (change, kept = seen) => sees(state.welcomed(state.begin('a1b2c3', kept), 'host'), { round: 2, ...change }).last;
  assert.equal(again({ ply: 3, board: 'O...X...X', turn: 'O' }), 8, 'nothing has been played');
  assert.equal(again({ ply: 4, board: 'OO..X...X' }), 1, 'the other one has');
  assert.equal(again({ round: 3, ply: 1, board: '..X......', turn: 'O' }), 2, 'another round');
  assert.equal(again({ ply: 0 }), -1, 'an older board');
  assert.equal(again({ ply: 3, board: 'O...X...X', turn: 'O' }, null), -1, 'a new tab');
});

test('who left is remembered until somebody joins', () => {
  let game = sees(sees(seated(), {}), { rev: 2, phase: 'waiting', guest: null, ended: 'left', turn: '' });
  assert.equal(game.parted, 'Bob');
  game = sees(game, { rev: 3, phase: 'waiting', guest: null, ended: 'left', turn: '', watching: 1 });
  assert.equal(game.parted, 'Bob');
  assert.equal(sees(game, { rev: 4, round: 2 }).parted, '');
});

test('resigning takes the pending move with it and is wanted until the round ends', () => {
  let game = state.resigned(state.pressed(sees(seated(), {}), 0));
  assert.deepEqual(state.wanted(game), [{ type: 'resign' }]);
  game = sees(game, { rev: 2, phase: 'over', turn: '', winner: 'O', ended: 'resign' });
  assert.deepEqual(state.wanted(game), []);
});

test('a rematch is wanted until the room knows it', () => {
  const over = { phase: 'over', turn: '', winner: 'X', ended: 'line' };
  let game = state.asked(sees(seated(), over));
  assert.deepEqual(state.wanted(game), [{ type: 'rematch' }]);
  game = sees(game, { ...over, rev: 2, host: { rematch: true } });
  assert.deepEqual(state.wanted(game), []);
});

test('marks follow the player, not the seat', () => {
  const swapped = { host: { mark: 'O' }, guest: { mark: 'X' } };
  assert.equal(state.myTurn(sees(seated('guest'), swapped)), true);
  assert.equal(state.playerOf(viewOf(swapped), 'X').name, 'Bob');
});
