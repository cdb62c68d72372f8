import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff, Connection, FIRST_RETRY_MS, SLOWEST_RETRY_MS } from '../js/socket.js';
import { FakeClock, fakeSockets, fakeWorld, viewOf } from './fakes.js';

function start({ busy = true, random = () => 0.5 } = {}) {
  const clock = new FakeClock();
  const sockets = fakeSockets();
  const heard = { links: [], messages: [], ends: [] };
  const connection = new Connection(
    'ws://here/ws/a1b2c3',
    {
      hello: () => ({ type: 'hello', seat: 's' }),
      link: (link) => heard.links.push(link),
      message: (message) => heard.messages.push(message),
      end: (why) => heard.ends.push(why),
      busy: () => busy,
    },
    { ...fakeWorld(clock, sockets.FakeSocket), random },
  );
  connection.open();
  const welcome = () => {
    sockets.last().accept();
    sockets.last().say({ type: 'welcome', you: 'host' });
  };
  return { clock, connection, heard, sockets, welcome };
}

test('says hello with the seat as the first message, and is open once welcomed', () => {
  const { sockets, heard, connection } = start();
  assert.equal(connection.send({ type: 'resign' }), false);
  sockets.last().accept();
  assert.deepEqual(sockets.last().sent, [{ type: 'hello', seat: 's' }]);
  assert.deepEqual(heard.links, []);
  assert.equal(connection.send({ type: 'resign' }), false, 'nothing goes out before the welcome');
  sockets.last().say({ type: 'welcome', you: 'host' });
  assert.deepEqual(heard.links, ['open']);
  assert.equal(connection.send({ type: 'resign' }), true);
});

test('backoff: full jitter, begins well under a second, has an end', () => {
  assert.equal(backoff(0, 1006, () => 0), 0);
  assert.ok(backoff(0, 1006, () => 0.999) < 500);
  assert.equal(backoff(2, 1006, () => 1), FIRST_RETRY_MS * 2.25);
  assert.equal(backoff(50, 1006, () => 1), SLOWEST_RETRY_MS);
  assert.ok(backoff(0, 1013, () => 0) > 0, 'a server that is too busy is not asked at once');
});

for (const code of [1000, 1001, 1005, 1006, 1011, 1012, 1013, 4321]) {
  test(`close ${code}: comes back, with a new hello`, () => {
    const { clock, sockets, heard, welcome } = start();
    welcome();
    sockets.last().hangUp(code);
    assert.equal(heard.links.at(-1), 'lost');
    assert.equal(sockets.made.length, 1, 'not before the backoff');
    clock.pass(code === 1013 ? 2_500 : 500);
    assert.equal(sockets.made.length, 2);
    welcome();
    assert.deepEqual(sockets.last().sent[0], { type: 'hello', seat: 's' });
    assert.equal(heard.links.at(-1), 'open');
  });
}

for (const code of [1003, 1007, 1008, 1009]) {
  test(`close ${code}: broken, stays away until somebody asks`, () => {
    const { clock, connection, sockets, heard, welcome } = start();
    welcome();
    sockets.last().hangUp(code);
    assert.equal(heard.links.at(-1), 'broken');
    clock.pass(600_000);
    assert.equal(sockets.made.length, 1);
    connection.wake();
    assert.equal(sockets.made.length, 2);
  });
}

for (const [code, why] of [[4000, 'gone'], [4001, 'seat']]) {
  test(`close ${code}: ends for good (${why})`, () => {
    const { clock, connection, sockets, heard, welcome } = start();
    welcome();
    sockets.last().hangUp(code);
    assert.deepEqual(heard.ends, [why]);
    connection.wake();
    clock.pass(600_000);
    assert.equal(sockets.made.length, 1);
    assert.equal(clock.pending, 0);
  });
}

test('waits longer and longer while the server is away, and starts afresh after a welcome', () => {
  const { clock, sockets, welcome } = start({ random: () => 1 });
  const gaps = [];
  for (let i = 0; i < 9; i++) {
    const before = sockets.made.length;
    const from = clock.time;
    sockets.last().hangUp(1006);
    while (sockets.made.length === before) clock.pass(25);
    gaps.push(clock.time - from);
  }
  assert.deepEqual(gaps, [400, 600, 900, 1350, 2025, 3050, 4575, 5000, 5000]);
  welcome();
  sockets.last().hangUp(1006);
  const before = sockets.made.length;
  clock.pass(400);
  assert.equal(sockets.made.length, before + 1);
});

test('online or visible: dials at once instead of waiting', () => {
  const { clock, connection, sockets } = start({ random: () => 1 });
  for (let i = 0; i < 8; i++) {
    sockets.last().hangUp(1006);
    clock.pass(SLOWEST_RETRY_MS);
  }
  sockets.last().hangUp(1006);
  const before = sockets.made.length;
  connection.wake();
  assert.equal(sockets.made.length, before + 1);
  clock.pass(SLOWEST_RETRY_MS - 1000);
  assert.equal(sockets.made.length, before + 1, 'the retry that was planned is off');
});

test('online or visible with a socket that looks open: asks it, and gives up soon', () => {
  const { clock, connection, sockets, welcome } = start();
  welcome();
  connection.wake();
  assert.equal(sockets.last().sent.at(-1).type, 'ping');
  clock.pass(3_000);
  assert.equal(sockets.made[0].closed, true);
  assert.equal(sockets.made.length, 2);
});

test('in use, a line that is dead without a close is noticed within 10 s', () => {
  const { clock, sockets, heard, welcome } = start();
  welcome();
  clock.pass(9_999);
  assert.ok(heard.links.includes('lost'));
  assert.equal(sockets.made[0].closed, true);
  // What the dead socket says later is not heard.
  sockets.made[0].say(viewOf());
  assert.deepEqual(heard.messages.map((m) => m.type), ['welcome']);
});

test('a line that answers is never given up, and is asked every few seconds', () => {
  const { clock, sockets, heard, welcome } = start();
  welcome();
  let pings = 0;
  for (let i = 0; i < 600; i++) {
    clock.pass(100);
    const ping = sockets.last().sent.slice(1).pop();
    if (ping?.type !== 'ping') continue;
    pings++;
    sockets.last().sent.length = 1;
    sockets.last().say({ type: 'pong', t: ping.t });
  }
  assert.equal(sockets.made.length, 1);
  assert.deepEqual(heard.links, ['open']);
  assert.ok(pings >= 15 && pings <= 25, `${pings} pings in a minute`);
});

test('when nobody plays it asks seldom', () => {
  const { clock, sockets, welcome } = start({ busy: false });
  welcome();
  clock.pass(15_000);
  assert.equal(sockets.last().sent.length, 1);
});

test('a command that stays without an answer gives the line away even when nobody played', () => {
  const { clock, connection, heard, welcome } = start({ busy: false });
  welcome();
  connection.send({ type: 'rematch' });
  clock.pass(6_000);
  assert.ok(heard.links.includes('lost'));
});

test('a server that accepts and never welcomes is given up', () => {
  const { clock, sockets } = start();
  sockets.last().accept();
  clock.pass(9_000);
  assert.equal(sockets.made[0].closed, true);
  assert.equal(sockets.made.length, 2);
});

test('an older view is dropped, an equal one replaces, and a new socket counts anew', () => {
  const { clock, sockets, heard, welcome } = start();
  const revs = () => heard.messages.filter((m) => m.type === 'view').map((m) => m.rev);
  welcome();
  for (const rev of [5, 4, 5, 6, 1]) sockets.last().say(viewOf({ rev }));
  assert.deepEqual(revs(), [5, 5, 6]);
  sockets.last().hangUp(1012);
  clock.pass(1_000);
  welcome();
  sockets.last().say(viewOf({ rev: 2 }));
  assert.deepEqual(revs(), [5, 5, 6, 2]);
});

test('what cannot be read is passed over', () => {
  const { sockets, heard, welcome } = start();
  welcome();
  sockets.last().say('{');
  sockets.last().say(viewOf({ rev: 3 }));
  assert.equal(heard.messages.at(-1).rev, 3);
});

test('stopped, it leaves no timer and no socket', () => {
  const { clock, connection, sockets, welcome } = start();
  welcome();
  connection.stop();
  assert.equal(clock.pending, 0);
  assert.equal(sockets.last().closed, true);
});
