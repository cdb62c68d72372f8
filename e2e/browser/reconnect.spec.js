// The line is lost in four ways, and the game goes on without a touch.
import { expect, OFFLINE, test } from './fixtures.js';
import { Line } from './line.js';
import { Round } from './player.js';

/** Has the page keep the codes with which its sockets were closed. @param {import('./player.js').Player} player */
const keepCloseCodes = (player) =>
  player.page.context().addInitScript(() => {
    const Native = WebSocket;
    window.closeCodes = [];
    window.WebSocket = class extends Native {
      constructor(url) {
        super(url);
        this.addEventListener('close', ({ code }) => window.closeCodes.push(code));
      }
    };
  });

test('the page is loaded again in mid-game', async ({ pair: [ann, bob] }) => {
  const round = new Round(ann, bob);
  await round.play(0, 4, 8);
  await bob.page.reload();
  await ann.page.reload();
  await round.shown();
  await round.play(2, 6, 3, 7);
});

test('SIGTERM closes the sockets with 1012, and both come back to the next server', async ({ server, person, tolerated }) => {
  tolerated.push(OFFLINE);
  const [ann, bob] = await Promise.all([person('Ann'), person('Bob')]);
  await Promise.all([keepCloseCodes(ann), keepCloseCodes(bob)]);
  await bob.join(await ann.create());
  const round = new Round(ann, bob);
  await round.play(4, 0);
  expect(await server.stop()).toBe(0);
  for (const player of [ann, bob]) {
    await player.sees({ bar: 'Connection lost. Reconnecting …', board: 'O...X....' });
    expect(await player.page.evaluate(() => window.closeCodes[0])).toBe(1012);
  }
  await server.start();
  await round.shown();
  await round.play(8, 2, 6);
});

test('kill -9 in mid-game, and a move pressed while the server was down', async ({ server, pair: [ann, bob], tolerated }) => {
  tolerated.push(OFFLINE);
  const code = ann.page.url().split('/').pop();
  const round = new Round(ann, bob);
  await round.play(4, 0);
  await server.kill();
  await Promise.all([ann, bob].map((player) => player.sees({ bar: 'Connection lost. Reconnecting …', board: 'O...X....' })));
  await ann.press(8);
  await ann.sees({ board: 'O...X...X', pending: [8] });
  await server.start();
  round.made(8);
  await round.shown();
  expect(await server.room(code)).toMatchObject({ board: 'O...X...X', ply: 3 });
  await round.play(2, 6, 3, 7);
});

test('killed with the move on its way: it is made once', async ({ server, pair: [ann, bob], tolerated }) => {
  tolerated.push(OFFLINE);
  const code = ann.page.url().split('/').pop();
  server.freeze();
  await ann.press(4);
  await ann.sees({ pending: [4] });
  await server.kill();
  await server.start();
  const round = new Round(ann, bob);
  round.made(4);
  await round.shown();
  expect(await server.room(code)).toMatchObject({ board: '....X....', ply: 1 });
  await round.play(0);
});

test('made but never answered: said again after the reconnect, it is not made twice', async ({ server, person }) => {
  const [ann, bob] = await Promise.all([person('Ann'), person('Bob')]);
  let deaf = false;
  const sockets = [];
  const moves = [];
  await ann.page.routeWebSocket(/\/ws\//, (socket) => {
    const line = socket.connectToServer();
    sockets.push(socket);
    socket.onMessage((message) => {
      if (String(message).includes('"move"')) moves.push(message);
      line.send(message);
    });
    line.onMessage((message) => deaf || socket.send(message));
  });
  const code = await ann.create();
  await bob.join(code);
  await ann.sees({ sentence: 'Your turn' });
  deaf = true;
  await ann.press(4);
  await bob.sees({ board: '....X....', sentence: 'Your turn' });
  await ann.sees({ pending: [4] });
  // Bob answers before Ann is back: her move is of a turn that is over.
  await bob.press(0);
  await bob.sees({ board: 'O...X....', pending: [], sentence: 'Ann’s turn' });
  deaf = false;
  await sockets[0].close({ code: 1012 });
  const round = new Round(ann, bob);
  round.made(4);
  round.made(0);
  await round.shown();
  await ann.sees({ note: '' });
  expect(await server.room(code)).toMatchObject({ ply: 2 });
  expect(sockets.length).toBe(2);
  expect(moves.length).toBe(1); // the board told that it had arrived
  await round.play(8);
});

test('the browser goes offline and leaves its socket hanging', async ({ pair: [ann, bob], tolerated }) => {
  tolerated.push(OFFLINE);
  const round = new Round(ann, bob);
  await round.play(4);
  // The browser goes on answering the server's pings by itself here, so that only the page can notice.
  await bob.page.context().setOffline(true);
  await bob.sees({ bar: 'Connection lost. Reconnecting …' }, 10_000);
  await bob.press(0);
  await bob.sees({ board: 'O...X....', pending: [0] });
  await bob.page.context().setOffline(false);
  round.made(0);
  await round.shown();
  await round.play(8, 2, 6);
});

test('the network stalls without a close', async ({ server, person, tolerated }) => {
  test.slow(); // half a minute of silence is what it is about
  tolerated.push(OFFLINE);
  const line = new Line();
  const [ann, bob] = await Promise.all([person('Ann'), person('Bob', { baseURL: await line.open(server.port) })]);
  try {
    await bob.join(await ann.create());
    const round = new Round(ann, bob);
    await round.play(4);
    // The page itself notes when, since this process may look too late on a busy machine.
    await ann.page.evaluate(() => {
      const sub = document.querySelector('#player-1 .sub');
      new MutationObserver(() => /^away/.test(sub.textContent) && (window.awayAt ??= Date.now())).observe(sub, { childList: true, characterData: true, subtree: true });
    });
    // A second after a ping, so that a busy machine has that second; the worst moment is in e2e/slow_test.go.
    const ready = Date.now();
    await expect.poll(() => line.pinged > ready, { timeout: 30_000, intervals: [100] }).toBe(true);
    await ann.page.waitForTimeout(1_000);
    const stalled = Date.now();
    line.stall();
    await bob.press(0);
    await bob.sees({ bar: 'Connection lost. Reconnecting …', board: 'O...X....', pending: [0] }, 10_000);
    await ann.sees({ rival: { sub: expect.stringMatching(/^away · /) } }, 60_000);
    const took = (await ann.page.evaluate(() => window.awayAt)) - stalled;
    console.log(`measured: the page shows a stalled opponent as away after ${took} ms (bar 30000)`);
    expect(took).toBeLessThanOrEqual(30_000);
    line.flow();
    round.made(0);
    await round.shown();
    await ann.sees({ rival: { sub: 'here' } });
    await round.play(8, 2, 6);
  } finally {
    line.close();
  }
});
