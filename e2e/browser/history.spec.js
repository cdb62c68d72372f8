// What has been played: histories, replays, and whose they are.
import { CUT, expect, NOT_FOUND, test } from './fixtures.js';
import { Round } from './player.js';

const UNAUTHORIZED = /status of 401/;

/** The rows of a history, once there are so many. @param {import('@playwright/test').Page} page @param {number} n */
async function rows(page, n) {
  await expect(async () => {
    await page.reload();
    await expect(page.locator('.games li')).toHaveCount(n, { timeout: 1000 });
  }).toPass();
  return page.locator('.games li');
}

/** @param {import('@playwright/test').Page} page @param {string} name */
const figure = (page, name) => page.locator('.figures div', { hasText: name }).locator('dd');

/** What a replay shows. @param {import('@playwright/test').Page} page @param {string} board @param {string | RegExp} words */
async function shows(page, board, words) {
  await expect(async () => {
    const marks = await page.locator('[data-replay] .cell').evaluateAll((cells) => cells.map((cell) => cell.dataset.mark || '.'));
    expect(marks.join('')).toBe(board);
  }).toPass();
  await expect(page.locator('.step')).toHaveText(words);
}

test('two rounds are in the history of both, and are stepped through', async ({ pair: [ann, bob] }) => {
  await new Round(ann, bob).play(4, 1, 0, 8, 3, 5, 6);
  const [replay] = await Promise.all([ann.page.waitForEvent('popup'), ann.page.getByRole('link', { name: 'Replay' }).click()]);
  await shows(replay, 'XO.XXOX.O', 'Move 7: Ann, X, bottom left: wins.');
  await expect(replay.getByRole('heading', { level: 1 })).toHaveText('Ann won');
  await replay.close();
  // Whoever looks at a replay is still at the board.
  await bob.sees({ rival: { sub: 'here' } });
  await ann.click('Rematch');
  await bob.click('Play again');
  await new Round(bob, ann).play(0, 4);
  await ann.resign();

  for (const [player, rival, results] of [[ann, 'Bob', ['Lost', 'Won']], [bob, 'Ann', ['Won', 'Lost']]]) {
    const { page } = await player.tab();
    await page.goto('/me');
    const games = await rows(page, 2);
    await expect(games).toHaveText(results.map((result) => new RegExp(`${result}\\s*against ${rival}\\s*\\d moves`)));
    await expect(figure(page, 'Played')).toHaveText('2');
    await expect(page).toHaveTitle('My games · Tic-tac-toe');
    if (player === bob) continue;

    await games.nth(1).getByRole('link', { name: 'Replay' }).click();
    await expect(page).toHaveURL(/\/replay\/\w+$/);
    await shows(page, 'XO.XXOX.O', /wins\.$/);
    for (const [key, board, words] of [
      ['Home', '.........', 'Before the first move.'],
      ['ArrowRight', '....X....', 'Move 1: Ann, X, centre: keeps the draw.'],
      ['ArrowRight', '.O..X....', 'Move 2: Bob, O, top: gives the draw away.'],
      ['End', 'XO.XXOX.O', 'Move 7: Ann, X, bottom left: wins.'],
      ['ArrowLeft', 'XO.XXO..O', 'Move 6: Bob, O, right: lost anyway.'],
    ]) {
      await page.keyboard.press(key);
      await shows(page, board, words);
    }
    const press = (name) => page.getByRole('button', { name, exact: true }).click();
    await press('Back');
    await shows(page, 'XO.XX...O', /keeps the win\.$/);
    await press('To the start');
    await press('Forward');
    await shows(page, '....X....', /^Move 1/);
    await page.getByRole('button', { name: 'Turning point: move 2, Bob gives the draw away.' }).click();
    await shows(page, '.O..X....', /^Move 2/);
    await page.getByRole('list', { name: 'Moves' }).getByRole('button').nth(5).click();
    await shows(page, 'XO.XXO..O', /^Move 6/);
    // By itself to the end, where there is nothing more to play; from there, from the start.
    await press('Play');
    await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
    await shows(page, 'XO.XXOX.O', /^Move 7/);
    await press('Play');
    await shows(page, '.........', 'Before the first move.');
    await press('Pause');
    // From there to the opponent, and back.
    await page.getByRole('link', { name: 'Bob' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Bob');
    await expect(page.locator('.games li')).toHaveCount(2);
    await expect(page.getByRole('button', { name: 'Forget me' })).toHaveCount(0);
    await page.goBack();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ann won');
    await page.goBack();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Ann');
  }
});

test('an identity goes on on another device, and is forgotten there', async ({ person, pair: [ann, bob], tolerated }) => {
  tolerated.push(NOT_FOUND, UNAUTHORIZED);
  const [phone, thief] = await Promise.all([person('a phone'), person('somebody else')]);
  await new Round(ann, bob).play(0, 3, 1, 4, 2);
  await ann.page.goto('/me');
  await rows(ann.page, 1);
  await ann.click('Make a link');
  await expect(ann.page.getByText(/for [45]:\d\d more\.$/)).toBeVisible();
  await expect(ann.page.getByRole('img', { name: 'QR code of the link' })).toBeVisible();
  const link = await ann.page.getByRole('textbox', { name: 'Link' }).inputValue();

  // To look at the link takes nothing over.
  await phone.page.goto(link);
  await expect(phone.page.getByRole('heading', { level: 1 })).toHaveText('Go on as the same player here?');
  await phone.page.reload();
  await phone.click('Go on here');
  await expect(phone.page.getByRole('heading', { level: 1 })).toHaveText('Ann');
  await expect(phone.page).toHaveURL('/me');
  await expect(figure(phone.page, 'Won')).toHaveText('1');

  await thief.page.goto(link);
  await thief.click('Go on here');
  await expect(thief.page.getByRole('heading', { level: 1 })).toHaveText('This link is of no use any more');
  await thief.page.goto('/handoff');
  await expect(thief.page.getByRole('heading', { level: 1 })).toHaveText('This link is of no use any more');

  // The name has come along; a round from there counts for both devices.
  await phone.page.getByRole('link', { name: 'Tic-tac-toe, to the start page' }).click();
  await expect(phone.page.locator('#new-name')).toHaveValue('Ann');
  await phone.click('New game');
  await phone.sees({ screen: 'waiting' });
  await bob.join(await phone.page.locator('#wait-code').innerText());
  phone.name = 'Ann';
  await new Round(phone, bob).play(0, 3, 1, 4, 2);
  await expect(await rows(ann.page, 2)).toHaveCount(2);

  await phone.page.goto('/me');
  await phone.click('Forget me');
  await phone.click('Really forget me?');
  await expect(phone.page.getByRole('heading', { level: 1 })).toHaveText('You are forgotten');
  await ann.page.reload();
  await expect(ann.page.getByRole('heading', { level: 1 })).toHaveText('No games here yet');
  await phone.page.goto('/');
  await expect(phone.page.locator('#new-name')).toHaveValue('');
  await bob.page.goto('/me');
  await expect(bob.page.locator('.games li').first()).toHaveText(/Lost\s*against Somebody/);
});

test.describe('with no limit on messages', () => {
  test.use({ serverFlags: ['--message-limit', '0'] });

  test('a long history comes in pages', async ({ person }) => {
    const { page } = await person('Ann');
    await page.goto('/');
    await page.evaluate(resignMany, 21);
    await page.goto('/me');
    await expect(figure(page, 'Played')).toHaveText('21');
    await expect(page.locator('.games li')).toHaveCount(20);
    await page.getByRole('button', { name: 'Older games' }).click();
    await expect(page.locator('.games li')).toHaveCount(21);
    await expect(page.getByRole('button', { name: 'Older games' })).toBeHidden();
    await expect(page.locator('.games li').last().getByRole('link')).toBeFocused();
  });
});

/** Rounds against the computer, each given up at once. Runs in the page. @param {number} rounds */
async function resignMany(rounds) {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch('/api/games', { method: 'POST', headers, body: '{"name":"Ann","opponent":"easy"}' });
  const { code, seat } = await answer.json();
  const socket = new WebSocket(`ws://${location.host}/ws/${code}`);
  const say = (message) => socket.send(JSON.stringify(message));
  await new Promise((resolve) => {
    socket.onopen = () => say({ type: 'hello', seat });
    socket.onmessage = ({ data }) => {
      const view = JSON.parse(data);
      if (view.phase === 'playing') say({ type: 'resign' });
      if (view.phase === 'over' && view.round < rounds) say({ type: 'rematch' });
      if (view.phase === 'over' && view.round === rounds) resolve();
    };
  });
  socket.close();
  // The last one is filed in a moment.
  for (let played = 0; played < rounds; ) ({ played } = await (await fetch('/api/me')).json());
}

test('what is not there is said not to be, what comes late is waited for, and what could not be loaded is loaded again', async ({ person, pair: [ann, bob], tolerated }) => {
  tolerated.push(NOT_FOUND, CUT);
  const { page } = await person('Eve');
  const head = page.getByRole('heading', { level: 1 });
  for (const [path, words] of [['/replay/nonsense', 'There is no such round'], ['/player/nonsense', 'There is no such player']]) {
    expect((await page.goto(path)).status()).toBe(404);
    await expect(head).toHaveText(words);
  }

  await new Round(ann, bob).play(0, 3, 1, 4, 2);
  const path = await ann.page.getByRole('link', { name: 'Replay' }).getAttribute('href');
  let late = 2;
  await page.route('**/api/rounds/*', (route) => (late-- > 0 ? route.fulfill({ status: 404, json: { code: 'not_found' } }) : route.continue()));
  await page.goto(path);
  await expect(head).toHaveText('Ann won');
  expect(late).toBe(-1);

  await page.route('**/leaderboard.js', (route) => route.abort());
  await page.goto('/leaderboard');
  await expect(head).toHaveText('No answer from the server');
  await page.unroute('**/leaderboard.js');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(head).toHaveText('Leaderboard');
});
