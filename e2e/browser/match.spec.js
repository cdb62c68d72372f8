// Strangers on two servers over one Redis.
import { expect, test as base } from './fixtures.js';
import { listen } from './heard.js';
import { Round } from './player.js';
import { Redis } from './redis.js';
import { Server } from './server.js';

const test = base.extend({
  redis: async ({}, use) => {
    const redis = new Redis();
    await redis.start();
    await use(redis);
    await redis.close();
  },
  serverFlags: async ({ redis }, use) => use(['--store', redis.url]),
  second: async ({ redis }, use) => {
    const second = new Server(['--store', redis.url]);
    await second.start();
    await use(second);
    await second.close();
  },
});

/** @param {import('./player.js').Player} player */
async function seek(player) {
  await player.page.goto('/');
  await player.page.getByLabel('Your name').first().fill(player.name);
  await player.click('Quick match');
}

test('quick match: two strangers, a game for the rating, gestures, and the next stranger', async ({ server, person, second }) => {
  const [ann, bob] = await Promise.all([person('Ann'), person('Bob', { baseURL: second.url })]);
  await Promise.all([listen(ann), listen(bob)]);

  // A wait that was given up leaves nothing, and nobody is matched to it.
  await seek(ann);
  await ann.sees({ screen: 'seeking', title: 'Looking for an opponent … · Tic-tac-toe' });
  const first = ann.page.url();
  await ann.click('Stop looking');
  await ann.sees({ screen: 'start' });
  await expect(ann.page).toHaveURL('/');
  await expect.poll(() => server.room(first.slice(-6))).toMatchObject({ code: 'game_not_found' });
  await ann.click('Quick match');
  await ann.sees({ screen: 'seeking' });
  await seek(bob);
  await Promise.all([ann, bob].map((player) => player.sees({ screen: 'play', facts: 'Round 1 · rated' })));
  expect(new URL(bob.page.url()).pathname).toBe(new URL(ann.page.url()).pathname);
  expect(ann.page.url()).not.toBe(first);
  const round = new Round(ann, bob);
  await round.play(0, 3);

  const react = ann.page.getByRole('button', { name: 'React' });
  await react.click();
  await ann.page.getByRole('button', { name: 'applause' }).click();
  await expect(react).toHaveAttribute('aria-disabled', 'true');
  await expect(react).toBeFocused();
  await expect(bob.page.locator('#player-1 .gesture')).toHaveText('👏');
  const heard = (player) => player.page.evaluate(() => window.said.join(' '));
  await expect.poll(() => heard(bob)).toMatch(/Ann: applause\.$/);
  await expect.poll(() => heard(ann)).toMatch(/You: applause\.$/);
  await expect(react).toHaveAttribute('aria-disabled', 'false');
  // By keys: the board does not take the arrows and digits that are meant for the gestures.
  await react.press('Enter');
  for (const key of ['ArrowRight', '5', 'ArrowLeft', 'ArrowLeft', 'Enter']) await ann.page.keyboard.press(key);
  await expect(bob.page.locator('#player-1 .gesture')).toHaveText('🎉');
  await expect(bob.page.locator('#player-1 .gesture')).toHaveText('');
  await round.shown();

  await round.play(1, 4, 2);
  const profile = await ann.tab();
  await expect(async () => {
    await profile.page.goto('/me');
    await expect(profile.page.getByText(/^Rating 1\d{3} ± \d+$/)).toBeVisible({ timeout: 1000 });
  }).toPass();
  await expect(profile.page.locator('.games li')).toHaveText(/Won\s*against Bob\s*5 moves · rated/);
  // One game is not enough for the leaderboard.
  await profile.page.goto('/leaderboard');
  await expect(profile.page.getByText('Nobody is listed yet.')).toBeVisible();
  await profile.page.close();

  await bob.leave();
  await ann.sees({ screen: 'seeking' });
  await expect(ann.page.getByRole('heading', { level: 1 })).toHaveText('Bob left the game');
  const dan = await person('Dan');
  await seek(dan);
  await Promise.all([ann.sees({ rival: { name: 'Dan' } }), dan.sees({ screen: 'play', rival: { name: 'Ann' } })]);
});
