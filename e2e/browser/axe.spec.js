// axe on every state there is, light and dark, narrow and wide.
import { accessible } from './axe.js';
import { BUSY, expect, NOT_FOUND, OFFLINE, test } from './fixtures.js';
import { Round } from './player.js';

// axe measures colours: nothing must be on its way to another one.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('the ways in', async ({ person, pair: [ann], tolerated }) => {
  tolerated.push(NOT_FOUND, BUSY);
  const [eve, dan] = await Promise.all([person('Eve'), person('Dan')]);
  await eve.page.goto('/');
  await eve.sees({ screen: 'start' });
  await accessible(eve.page, 'start');
  await eve.page.getByLabel('Code or link of a game').fill('nonsense');
  await eve.click('New game');
  await expect(eve.page.locator('#new-error')).toHaveText(/./);
  await accessible(eve.page, 'start, with errors');
  await eve.page.goto(ann.page.url());
  await eve.sees({ screen: 'full' });
  await accessible(eve.page, 'full');
  await eve.page.goto('/game/abcdef');
  await eve.sees({ screen: 'closed' });
  await accessible(eve.page, 'closed');
  await eve.page.route('**/api/games/*', (route) => route.fulfill({ status: 429, headers: { 'Retry-After': '90' }, json: { code: 'too_many_requests' } }));
  await eve.page.goto(ann.page.url());
  await eve.sees({ screen: 'trouble' });
  await accessible(eve.page, 'too many tries');
  await eve.page.unroute('**/api/games/*');

  const code = await dan.create();
  await accessible(dan.page, 'waiting');
  await eve.page.goto(`/game/${code}`);
  await eve.sees({ screen: 'invite' });
  await accessible(eve.page, 'invitation');
  const again = await dan.tab();
  await again.page.goto(`/game/${code}`);
  await again.sees({ screen: 'invite' });
  await accessible(again.page, 'invitation, with a seat of one’s own');
});

test('a round', async ({ pair: [ann, bob] }) => {
  const round = new Round(ann, bob);
  await round.play(0, 3);
  await Promise.all([accessible(ann.page, 'own turn'), accessible(bob.page, 'the other’s turn')]);
  await ann.click('Resign');
  await accessible(ann.page, 'asked whether to resign');
  await round.play(1, 4, 2);
  await Promise.all([accessible(ann.page, 'won'), accessible(bob.page, 'lost')]);
  await ann.click('Rematch');
  await bob.sees({ note: 'Ann wants a rematch.' });
  await Promise.all([accessible(ann.page, 'a rematch asked'), accessible(bob.page, 'asked for a rematch')]);
});

test('over by resignation, and the room waits again', async ({ pair: [ann, bob] }) => {
  await new Round(ann, bob).play(4);
  await bob.resign();
  await Promise.all([ann.sees({ note: 'Bob resigned.' }), bob.sees({ note: 'You resigned.' })]);
  await Promise.all([accessible(ann.page, 'won by resignation'), accessible(bob.page, 'resigned')]);
  await bob.leave();
  await ann.sees({ screen: 'waiting' });
  await expect(ann.page.getByRole('heading', { level: 1 })).toHaveText('Bob left the game');
  await Promise.all([accessible(ann.page, 'waiting after the guest left'), accessible(bob.page, 'left')]);
});

test('sending the link', async ({ person }) => {
  const ann = await person('Ann', { permissions: ['clipboard-read', 'clipboard-write'] });
  await ann.page.addInitScript(() => {
    navigator.share = async () => {};
    // *Copied* stays for as long as axe takes.
    const native = setTimeout;
    window.setTimeout = (run, ms, ...values) => (ms === 2500 ? 0 : native(run, ms, ...values));
  });
  await ann.create();
  await expect(ann.page.getByRole('button', { name: 'Share' })).toBeVisible();
  await accessible(ann.page, 'waiting, with a share sheet');
  await ann.click('Copy link');
  await expect(ann.page.locator('#copy')).toHaveText('Copied');
  await accessible(ann.page, 'copied');
  await expect(ann.page.locator('#copy')).toHaveText('Copied');
});

test('a page that the server does not understand', async ({ person }) => {
  const [ann, bob] = await Promise.all([person('Ann'), person('Bob')]);
  const sockets = [];
  await ann.page.routeWebSocket(/\/ws\//, (socket) => {
    socket.connectToServer();
    sockets.push(socket);
  });
  await bob.join(await ann.create());
  const round = new Round(ann, bob);
  await round.play(4, 0);
  await sockets[0].close({ code: 1008 });
  await ann.sees({ bar: 'This page and the server do not understand each other.' });
  await expect(ann.page.getByRole('button', { name: 'Try again' })).toBeVisible();
  await accessible(ann.page, 'a protocol that is broken');
  await ann.click('Try again');
  await round.shown();
  await round.play(8);
});

test('a mark refused', async ({ server, pair: [ann, bob] }) => {
  // As in game.spec.js: two tabs press for one turn, and one of them is too late.
  const second = await ann.tab();
  await second.page.goto(ann.page.url());
  await second.sees({ sentence: 'Your turn' });
  server.freeze();
  await ann.press(0);
  await second.press(8);
  await second.sees({ pending: [8] });
  server.thaw();
  await bob.sees({ sentence: 'Your turn' });
  const late = (await bob.look()).board[0] === 'X' ? second : ann;
  const note = 'The game had moved on.';
  await late.sees({ pending: [], note });
  await accessible(late.page, 'a mark refused');
  await late.sees({ note });
});

test('a draw, somebody watching, a mark pending', async ({ server, person, pair: [ann, bob] }) => {
  const eve = await person('Eve');
  await eve.page.goto(ann.page.url());
  await eve.click('Watch');
  await eve.sees({ screen: 'play' });
  const round = new Round(ann, bob, [eve]);
  await round.play(0, 1, 2, 4, 3, 5, 7, 6);
  await accessible(eve.page, 'watching');
  server.freeze();
  await ann.press(8);
  await ann.sees({ pending: [8] });
  await accessible(ann.page, 'a mark pending');
  server.thaw();
  round.made(8);
  await round.shown();
  await accessible(ann.page, 'a draw');
});

test('somebody away, and the line lost', async ({ server, pair: [ann, bob], tolerated }) => {
  tolerated.push(OFFLINE);
  await new Round(ann, bob).play(4);
  await bob.page.close();
  await ann.sees({ rival: { sub: expect.stringMatching(/^away/) } });
  await accessible(ann.page, 'the opponent away');
  await server.kill();
  await ann.sees({ bar: 'Connection lost. Reconnecting …' });
  await accessible(ann.page, 'the line lost');
});
