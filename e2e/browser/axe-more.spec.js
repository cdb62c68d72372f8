// axe on what there is besides a game of two friends.
import { ACROSS, accessible } from './axe.js';
import { expect, NOT_FOUND, test } from './fixtures.js';
import { Round } from './player.js';

test.use({ contextOptions: { reducedMotion: 'reduce' } });

const LEADERS = ['Ann', 'W'.repeat(20), '<img src=x>&amp;</b>', '👨‍👩‍👧‍👦🏳️‍🌈👍🏽 é', 'שלום עולם', ''].map((name, place) => ({
  rank: place + 1, id: `p${place}`, name, rating: 1700 - place, rating_deviation: 80, played: 30,
})); // prettier-ignore

test('looking for a stranger, and little time', async ({ person }) => {
  const [ann, bob, eve] = await Promise.all(['Ann', 'Bob', 'Eve'].map((name) => person(name)));
  await eve.page.goto('/');
  await eve.page.locator('#new-name').fill('Eve');
  await eve.click('Quick match');
  await eve.sees({ screen: 'seeking' });
  await accessible(eve.page, 'looking for an opponent', ACROSS);

  // As if time were running out, for as long as axe takes.
  await ann.page.routeWebSocket(/\/ws\//, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => socket.send(String(message).replace(/"turn_ms":\d+/, '"turn_ms":4000')));
  });
  await ann.page.goto('/');
  await ann.page.evaluate(() => void (document.querySelector('#new-clock [value="60"]').value = '120'));
  await ann.page.locator('#new-clock').selectOption('120');
  await bob.join(await ann.begin());
  await new Round(ann, bob).play(4, 0);
  await expect(ann.page.locator('#clock[data-low]')).toBeVisible();
  await ann.page.getByRole('button', { name: 'React' }).click();
  await accessible(ann.page, 'little time, and the gestures open', ACROSS);
});

test('a replay, a profile, an identity on its way', async ({ person, pair: [ann, bob], tolerated }) => {
  tolerated.push(NOT_FOUND, /status of 401/);
  await new Round(ann, bob).play(4, 1, 0, 8, 3, 5, 6);
  const { page } = await ann.tab();
  await page.goto(/** @type {string} */ (await ann.page.getByRole('link', { name: 'Replay' }).getAttribute('href')));
  await page.getByRole('button', { name: /^Turning point/ }).click();
  await accessible(page, 'a replay', ACROSS);
  await page.goto('/me');
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  await expect(page.locator('.games li')).toHaveCount(1);
  await accessible(page, 'oneself, with a link for another device', ACROSS);
  const eve = await person('Eve');
  await bob.page.goto(link);
  await accessible(bob.page, 'asked whether to take an identity over', ACROSS);
  await bob.click('Go on here');
  await expect(bob.page.getByRole('heading', { level: 1 })).toHaveText('Ann');
  await eve.page.goto(link);
  await eve.click('Go on here');
  await expect(eve.page.getByRole('heading', { level: 1 })).toHaveText('This link is of no use any more');
  await accessible(eve.page, 'a link that was used', ACROSS);
  await page.getByRole('button', { name: 'Forget me' }).click();
  await page.getByRole('button', { name: 'Really forget me?' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You are forgotten');
  await accessible(page, 'forgotten', ACROSS);
});

test('nobody, the leaderboard, and what is not there', async ({ person, tolerated }) => {
  tolerated.push(NOT_FOUND, /status of 401/);
  const { page } = await person('Eve');
  const head = page.getByRole('heading', { level: 1 });
  await page.goto('/me');
  await expect(head).toHaveText('No games here yet');
  await accessible(page, 'nobody', ACROSS);
  await page.goto('/leaderboard');
  await expect(head).toHaveText('Leaderboard');
  await accessible(page, 'an empty leaderboard', ACROSS);
  await page.route('**/api/leaderboard*', (route) => route.fulfill({ json: { players: LEADERS } }));
  await page.reload();
  await expect(page.getByRole('row')).toHaveCount(7);
  expect(await page.locator('img').count()).toBe(0);
  await accessible(page, 'the leaderboard', ACROSS);
  await page.goto('/player/nobody');
  await expect(head).toHaveText('There is no such player');
  await accessible(page, 'no such player', ACROSS);
});
