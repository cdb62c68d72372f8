// axe on every state there is, light and dark, narrow and wide.
import { accessible } from './axe.js';
import { expect, NOT_FOUND, OFFLINE, test } from './fixtures.js';
import { Round } from './player.js';

// axe measures colours: nothing must be on its way to another one.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('the ways in', async ({ person, pair: [ann], tolerated }) => {
  tolerated.push(NOT_FOUND);
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

test('a draw, somebody watching, a mark refused', async ({ server, person, pair: [ann, bob] }) => {
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
