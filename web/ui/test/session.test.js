import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session } from '../js/session.js';
import { FakeClock, fakeSockets, fakeWorld, viewOf } from './fakes.js';

function start() {
  const clock = new FakeClock();
  const sockets = fakeSockets();
  const seen = { seatLost: 0, games: [] };
  const session = new Session(
    { code: 'a1b2c3', url: 'ws://here/ws/a1b2c3', seat: 's' },
    { change: (game) => seen.games.push(game), seatLost: () => seen.seatLost++ },
    fakeWorld(clock, sockets.FakeSocket),
  );
  session.start();
  const enter = (view, you = 'host') => {
    sockets.last().accept();
    sockets.last().say({ type: 'welcome', you });
    sockets.last().say(view);
  };
  return { clock, session, sockets, seen, enter };
}

const move = { type: 'move', cell: 4, round: 1, ply: 0 };

test('a press is sent with the round and ply that were seen, is pending, and settles with the view', () => {
  const { session, sockets, enter } = start();
  enter(viewOf());
  session.press(4);
  assert.deepEqual(sockets.last().moves(), [move]);
  assert.equal(session.game.pending.cell, 4);
  session.press(4);
  session.press(5);
  assert.equal(sockets.last().moves().length, 1, 'one at a time');
  sockets.last().say(viewOf({ rev: 2, ply: 1, turn: 'O', board: '....X....' }));
  assert.equal(session.game.pending, null);
  assert.equal(session.game.last, 4);
});

test('the move did not arrive before the line broke: it is sent again, the same', () => {
  const { clock, session, sockets, enter } = start();
  enter(viewOf());
  session.press(4);
  sockets.last().hangUp(1012);
  clock.pass(1_000);
  sockets.last().accept();
  sockets.last().say({ type: 'welcome', you: 'host' });
  assert.deepEqual(sockets.last().moves(), [], 'not before the room was seen');
  sockets.last().say(viewOf({ rev: 2 }));
  assert.deepEqual(sockets.last().moves(), [move]);
  sockets.last().say(viewOf({ rev: 2 }));
  assert.equal(sockets.last().moves().length, 1, 'once a connection');
});

test('the move had arrived before the line broke: it is not sent again', () => {
  const { clock, session, sockets, enter } = start();
  enter(viewOf());
  session.press(4);
  sockets.last().hangUp(1006);
  clock.pass(1_000);
  enter(viewOf({ rev: 2, ply: 1, turn: 'O', board: '....X....' }));
  assert.deepEqual(sockets.last().moves(), []);
  assert.equal(session.game.pending, null);
  assert.equal(session.game.refusal, '');
});

test('no double move: the answer to a move made, answered and lost is only the room', () => {
  const { clock, session, sockets, enter } = start();
  enter(viewOf());
  session.press(4);
  sockets.last().hangUp(1006);
  clock.pass(1_000);
  // Both have moved since; it is our turn again on another ply.
  enter(viewOf({ rev: 3, ply: 2, board: 'O...X....' }));
  clock.pass(3_000);
  assert.deepEqual(sockets.last().moves(), []);
  assert.equal(session.game.pending, null);
});

test('a press with no line is kept and sent when there is one', () => {
  const { clock, session, sockets, enter } = start();
  enter(viewOf());
  sockets.last().hangUp(1006);
  session.press(4);
  assert.equal(session.game.pending.cell, 4);
  clock.pass(1_000);
  enter(viewOf());
  assert.deepEqual(sockets.last().moves(), [move]);
});

test('unavailable: the outcome is unknown, so the same move is said again after a while', () => {
  const { clock, session, sockets, enter } = start();
  enter(viewOf());
  session.press(4);
  sockets.last().say({ type: 'refused', code: 'unavailable', re: 'move' });
  assert.equal(session.game.pending.cell, 4);
  clock.pass(2_000);
  assert.deepEqual(sockets.last().moves(), [move, move]);
});

test('a refusal takes the mark back, with its reason', () => {
  const { clock, session, sockets, enter } = start();
  enter(viewOf());
  session.press(4);
  sockets.last().say({ type: 'refused', code: 'cell_taken', re: 'move' });
  assert.equal(session.game.pending, null);
  assert.equal(session.game.refusal, 'cell_taken');
  clock.pass(4_000);
  assert.equal(sockets.last().moves().length, 1);
});

test('after a broken protocol nothing is sent again', () => {
  const { session, sockets, enter } = start();
  enter(viewOf());
  session.press(4);
  sockets.last().hangUp(1008);
  assert.equal(session.game.link, 'broken');
  session.wake();
  enter(viewOf());
  assert.deepEqual(sockets.last().moves(), []);
});

test('a rematch asked for on a lost line is asked again, but never of a later round', () => {
  const over = { phase: 'over', ply: 5, turn: '', winner: 'X', ended: 'line', line: [0, 1, 2], board: 'XXXOO....' };
  const { clock, session, sockets, enter } = start();
  enter(viewOf(over));
  sockets.last().hangUp(1006);
  session.rematch();
  clock.pass(1_000);
  enter(viewOf(over));
  assert.equal(sockets.last().sent.at(-1).type, 'rematch');
  sockets.last().hangUp(1006);
  clock.pass(1_000);
  enter(viewOf({ ...over, rev: 9, round: 2 }));
  assert.equal(sockets.last().sent.at(-1).type, 'hello');
});

test('closed: the reason comes before the close code and stays', () => {
  const { session, sockets, seen, enter } = start();
  enter(viewOf());
  sockets.last().say({ type: 'closed', reason: 'host_left' });
  sockets.last().hangUp(4000);
  assert.equal(session.game.closed, 'host_left');
  assert.equal(seen.seatLost, 0);
});

test('closed without a word: gone', () => {
  const { session, sockets, enter } = start();
  enter(viewOf());
  sockets.last().hangUp(4000);
  assert.equal(session.game.closed, 'gone');
});

test('a seat that is not valid any more is told as that', () => {
  const { sockets, seen } = start();
  sockets.last().accept();
  sockets.last().hangUp(4001);
  assert.equal(seen.seatLost, 1);
});

test('leaving with no line leaves all the same', () => {
  const { session, sockets, enter } = start();
  enter(viewOf());
  sockets.last().hangUp(1006);
  session.leave();
  assert.equal(session.game.closed, 'left');
});

test('a spectator cannot press', () => {
  const { session, sockets, enter } = start();
  enter(viewOf(), 'spectator');
  session.press(4);
  assert.deepEqual(sockets.last().moves(), []);
});

test('silence in a running game shows within 10 s, while nobody moves it is not looked for so often', () => {
  const { clock, session, sockets, enter } = start();
  enter(viewOf());
  clock.pass(10_000);
  assert.equal(session.game.link, 'lost');
  clock.pass(2_000);
  enter(viewOf({ phase: 'waiting', guest: null, round: 0, turn: '' }));
  const made = sockets.made.length;
  clock.pass(19_000);
  assert.equal(sockets.made.length, made);
});

test('a gesture is sent once, and one that was too fast is kept quiet about', () => {
  const { clock, session, sockets, enter } = start();
  enter(viewOf());
  session.react('👏');
  session.react('👏');
  const sent = () => sockets.last().sent.filter((message) => message.type === 'react');
  assert.deepEqual(sent(), [{ type: 'react', emoji: '👏' }]);
  clock.pass(1_100);
  session.react('🎉');
  assert.equal(sent().length, 2);
  clock.pass(900);
  sockets.last().say({ type: 'refused', code: 'too_fast', re: 'react' });
  assert.equal(session.game.refusal, '', 'no word of it at the board');
  clock.pass(500);
  session.react('🎉');
  assert.equal(sent().length, 2, 'another second of quiet');
  sockets.last().say({ type: 'reacted', by: 'guest', emoji: '😂' });
  assert.equal(session.game.gestures.guest.emoji, '😂');
  sockets.last().hangUp(1006);
  clock.pass(1_000);
  session.react('🎉');
  assert.deepEqual(sockets.last().sent, [], 'with no line it is not kept');
});
