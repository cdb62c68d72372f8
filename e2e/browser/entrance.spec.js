// How one gets in, and what is said to whoever cannot.
import { BUSY, CONFLICT, CUT, expect, NOT_FOUND, test } from './fixtures.js';
import { Round } from './player.js';

test('a bad code is said to be one at once, in place', async ({ person, tolerated }) => {
  tolerated.push(NOT_FOUND);
  const { page } = await person('Ann');
  await page.goto('/');
  const field = page.getByLabel('Code or link of a game');
  const error = page.locator('#code-error');
  await field.pressSequentially('xy');
  await expect(error).toHaveText('Six characters, 0–9 and a–f.');
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await field.fill('abc');
  await expect(error).toHaveText('');
  await page.getByRole('button', { name: 'Join', exact: true }).click();
  await expect(error).toHaveText('Six characters, 0–9 and a–f.');
  await expect(field).toBeFocused();
  await field.fill('abcdef');
  await field.press('Enter');
  await expect(error).toHaveText('There is no game with this code.');
  await expect(page).toHaveURL('/');

  await page.getByRole('button', { name: 'New game' }).click();
  await expect(page.locator('#new-error')).toHaveText('Please write a name.');
  await page.getByLabel('Your name').first().fill('x'.repeat(21));
  await page.getByRole('button', { name: 'New game' }).click();
  await expect(page.locator('#new-error')).toHaveText('At most 20 characters, please.');
});

for (const [how, typed] of [
  ['the code in capitals and with spaces', (code) => `  ${code.slice(0, 3).toUpperCase()} ${code.slice(3)} `],
  ['the whole link, pasted', (code, url) => `Play with me: ${url}/game/${code}?from=chat`],
]) {
  test(`joining by ${how}`, async ({ server, person }) => {
    const [ann, bob] = await Promise.all([person('Ann'), person('Bob')]);
    const code = await ann.create();
    await bob.page.goto('/');
    await bob.page.locator('#new-name').fill('Bob');
    await bob.page.getByLabel('Code or link of a game').fill(typed(code, server.url));
    await bob.click('Join');
    await bob.sees({ screen: 'play' });
    await new Round(ann, bob).play(4);
  });
}

test('the name is remembered', async ({ person }) => {
  const ann = await person('Ann');
  await ann.create();
  const again = await ann.tab();
  await again.page.goto('/');
  await expect(again.page.locator('#new-name')).toHaveValue('Ann');
  await again.click('New game');
  await again.sees({ screen: 'waiting' });
});

test('a full room offers to watch, and the spectator sees the moves', async ({ person, pair: [ann, bob] }) => {
  const eve = await person('Eve');
  const round = new Round(ann, bob, [eve]);
  round.everyone.pop();
  await round.play(4);
  await eve.page.goto(ann.page.url());
  await eve.sees({ screen: 'full' });
  await expect(eve.page.getByRole('heading', { level: 1 })).toHaveText('Ann and Bob are playing');
  await eve.click('Watch');
  await eve.sees({ screen: 'play', board: '....X....', sentence: 'Bob’s turn', note: 'You are watching.', buttons: ['Stop watching'] });
  round.everyone.push(eve);
  await round.play(0, 8);
  await ann.sees({ facts: 'Round 1 · 1 watching' });
  // Watching is kept over a refresh as well.
  await eve.page.reload();
  await eve.sees({ screen: 'play', board: 'O...X...X', last: [8] });
  await eve.cell(1).click({ force: true });
  await round.play(2, 6, 3);
  await eve.page.getByRole('link', { name: 'Stop watching' }).click();
  await eve.sees({ screen: 'start' });
});

test('two accept one invitation: the second is offered to watch', async ({ person, tolerated }) => {
  tolerated.push(CONFLICT);
  const [ann, bob, eve] = await Promise.all(['Ann', 'Bob', 'Eve'].map((name) => person(name)));
  const code = await ann.create();
  await eve.page.goto(`/game/${code}`);
  await eve.sees({ screen: 'invite' });
  await bob.join(code);
  await eve.page.locator('#join-name').fill('Eve');
  await eve.click('Join the game');
  await eve.sees({ screen: 'full' });
});

test('a closed room offers a new game', async ({ person, tolerated }) => {
  tolerated.push(NOT_FOUND);
  const [ann, bob] = await Promise.all([person('Ann'), person('Bob')]);
  const code = await ann.create();
  await ann.leave();
  await ann.sees({ screen: 'closed' });
  await bob.page.goto(`/game/${code}`);
  await bob.sees({ screen: 'closed' });
  await expect(bob.page.getByRole('heading', { level: 1 })).toHaveText('There is no game with this code.');
  await bob.page.locator('#new-name').fill('Bob');
  await bob.click('New game');
  await bob.sees({ screen: 'waiting' });
});

test('a page that came with 404 asks no second time', async ({ person, tolerated }) => {
  tolerated.push(NOT_FOUND);
  const { page, ...eve } = await person('Eve');
  const asked = [];
  page.on('request', (request) => /\/(api|ws)\//.test(request.url()) && asked.push(request.url()));
  for (const path of ['/game/abcdef', '/game/abcdef/', '/game/ABCDEF?from=chat']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no game with this code.');
  }
  expect(asked, eve.name).toEqual([]);
});

test('a link with a slash at its end', async ({ person }) => {
  const [ann, bob] = await Promise.all([person('Ann'), person('Bob')]);
  await bob.join(`${await ann.create()}/`);
  await new Round(ann, bob).play(4);
});

for (const [what, answer, head, lead] of [
  ['too many tries', { status: 429, headers: { 'Retry-After': '75' }, json: { code: 'too_many_requests' } }, 'Too many tries from here', /^Please wait 1:1\d, then try again\.$/],
  ['too many tries, without a time', { status: 429, json: { code: 'too_many_requests' } }, 'Too many tries from here', 'Please wait a moment, then try again.'],
  ['a store that does not answer', { status: 503, json: { code: 'unavailable' } }, 'The server is busy', 'Please try again in a moment.'],
  ['a proxy’s error', { status: 502, body: 'Bad Gateway' }, 'The server is busy', 'Please try again in a moment.'],
  ['no answer', null, 'No answer from the server', 'Look at your connection, then try again.'],
]) {
  test(`${what}: the page says so and tries again when asked`, async ({ person, tolerated }) => {
    tolerated.push(BUSY, CUT);
    const [ann, bob] = await Promise.all([person('Ann'), person('Bob')]);
    const code = await ann.create();
    await bob.page.route('**/api/games/*', (route) => (answer ? route.fulfill(answer) : route.abort()));
    await bob.page.goto(`/game/${code}`);
    await bob.sees({ screen: 'trouble', title: `${head} · Tic-tac-toe` });
    await expect(bob.page.getByRole('heading', { level: 1 })).toHaveText(head);
    await expect(bob.page.locator('#trouble-lead')).toHaveText(lead);
    await bob.click('Try again');
    await bob.sees({ screen: 'trouble' });
    await bob.page.unroute('**/api/games/*');
    await bob.click('Try again');
    await bob.sees({ screen: 'invite' });
    await bob.accept();
    await new Round(ann, bob).play(4);
  });
}

test('a form that is refused for too many tries says how long', async ({ person, tolerated }) => {
  tolerated.push(BUSY);
  const { page } = await person('Ann');
  await page.route('**/api/games', (route) => route.fulfill({ status: 429, headers: { 'Retry-After': '7' }, json: { code: 'too_many_requests' } }));
  await page.goto('/');
  await page.locator('#new-name').fill('Ann');
  await page.getByRole('button', { name: 'New game' }).click();
  await expect(page.locator('#new-error')).toHaveText('Too many tries. Please wait 7 seconds.');
});

for (const [what, host, guest] of [
  ['twenty wide letters, and of markup', 'W'.repeat(20), '<img src=x>&amp;</b>'],
  ['emoji made of several, and from right to left', '👨‍👩‍👧‍👦🏳️‍🌈👍🏽 é', 'שלום עולם'],
]) {
  test(`names of ${what}, are text and break nothing`, async ({ person }) => {
    const narrow = { viewport: { width: 320, height: 568 } };
    const [ann, bob] = await Promise.all([person(host, narrow), person(guest, narrow)]);
    const code = await ann.create();
    await bob.page.goto(`/game/${code}`);
    await expect(bob.page.getByRole('heading', { level: 1 })).toHaveText(`${host} invites you to a game`);
    await bob.accept();
    const round = new Round(ann, bob);
    for (const cell of [0, 3, 1, 4, 2]) {
      await round.play(cell);
      // However long the name, what it is about can be read, and nothing sticks out.
      for (const { page } of [ann, bob]) {
        await expect(page.locator('#turn span')).toBeInViewport({ ratio: 1 });
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
        expect(await page.locator('img').count()).toBe(0);
      }
    }
    await expect(ann.page.locator('#player-1 .name')).toHaveText(guest);
  });
}

test('the link goes to the clipboard, or to the system’s share sheet', async ({ server, person }) => {
  const ann = await person('Ann', { permissions: ['clipboard-read', 'clipboard-write'] });
  await ann.page.addInitScript(() => {
    navigator.share = async (what) => void (window.shared = what);
  });
  const code = await ann.create();
  const link = `${server.url}/game/${code}`;
  await expect(ann.page.getByLabel('Link', { exact: true })).toHaveValue(link);
  await ann.click('Copy link');
  await expect(ann.page.locator('#copy')).toHaveText('Copied');
  expect(await ann.page.evaluate(() => navigator.clipboard.readText())).toBe(link);
  await ann.page.getByRole('button', { name: 'Share' }).click();
  expect(await ann.page.evaluate(() => window.shared)).toMatchObject({ url: link });
  await expect(ann.page.getByRole('img', { name: 'QR code of the link' })).toBeVisible();
});
