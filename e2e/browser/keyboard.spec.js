// Without a pointer and without looking: keys, focus, and what is said.
import { expect, test } from './fixtures.js';
import { listen, said } from './heard.js';
import { Round } from './player.js';

/** The focus is on something, and can be seen. @param {import('@playwright/test').Page} page @param {string} selector */
async function focusSeen(page, selector) {
  const focused = page.locator(selector);
  await expect(focused).toBeFocused();
  const seen = await focused.evaluate((element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return element.matches(':focus-visible') && ((outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || boxShadow !== 'none');
  });
  expect(seen, `the focus on ${selector} can be seen`).toBe(true);
}

test('a whole game by keys alone, each move and turn said once', async ({ person }) => {
  const [ann, bob] = await Promise.all([person('Ann'), person('Bob')]);
  await Promise.all([listen(ann), listen(bob)]);

  await ann.page.goto('/');
  await ann.sees({ screen: 'start' });
  const keys = (player) => player.page.keyboard;
  await keys(ann).press('Tab');
  await focusSeen(ann.page, '.skip');
  await keys(ann).press('Tab');
  await focusSeen(ann.page, '#home');
  await keys(ann).press('Tab');
  await focusSeen(ann.page, '#new-name');
  await keys(ann).type('Ann');
  await keys(ann).press('Enter');
  await ann.sees({ screen: 'waiting' });

  await bob.page.goto(ann.page.url());
  await bob.sees({ screen: 'invite' });
  await bob.page.locator('#join-name').focus();
  await keys(bob).type('Bob');
  await keys(bob).press('Enter');
  const round = new Round(ann, bob);
  await round.shown();
  await said(ann, 'Bob joined. Round 1. You play X. Your turn.');
  await said(bob, 'Round 1. You play O. Ann’s turn.');

  // Ann by arrows. The board took the focus; arrows find it again from wherever she is, and its edge is the end.
  await focusSeen(ann.page, '#board [data-cell="4"]');
  await keys(ann).press('Tab');
  await focusSeen(ann.page, '#resign');
  await keys(ann).press('ArrowUp');
  await focusSeen(ann.page, '#board [data-cell="4"]');
  for (const [key, cell] of [['ArrowUp', 1], ['ArrowLeft', 0], ['ArrowLeft', 0]]) {
    await keys(ann).press(key);
    await focusSeen(ann.page, `#board [data-cell="${cell}"]`);
  }
  await keys(ann).press('Enter');
  round.made(0);
  await round.shown();
  await said(ann, 'You: X, top left. Bob’s turn.');
  await said(bob, 'Ann: X, top left. Your turn.');

  // Bob by digits.
  await keys(bob).press('4');
  round.made(3);
  await round.shown();
  await focusSeen(bob.page, '#board [data-cell="3"]');
  await said(bob, 'You: O, left. Ann’s turn.');
  await said(ann, 'Bob: O, left. Your turn.');

  // A taken cell and a turn that is not one's own: nothing happens.
  await keys(ann).press('4');
  await keys(bob).press('9');

  await keys(ann).press('2');
  round.made(1);
  await round.shown();
  await keys(bob).press('5');
  round.made(4);
  await round.shown();
  await said(ann, 'You: X, top. Bob’s turn.', 'Bob: O, centre. Your turn.');
  await said(bob, 'Ann: X, top. Your turn.', 'You: O, centre. Ann’s turn.');

  for (const key of ['ArrowRight', 'ArrowDown', 'ArrowUp', 'Space']) await keys(ann).press(key);
  round.made(2);
  await round.shown();
  await said(ann, 'You: X, top right. You won.');
  await said(bob, 'Ann: X, top right. Ann won.');

  // Rematch and the next round, still by keys.
  await keys(ann).press('Tab');
  await focusSeen(ann.page, '#rematch');
  await keys(ann).press('Enter');
  await said(bob, 'Ann wants a rematch.');
  await keys(bob).press('Tab');
  await focusSeen(bob.page, '#rematch');
  await keys(bob).press('Enter');
  await new Round(bob, ann).shown();
  await said(bob, 'Round 2. You play X. Your turn.');
  await said(ann, 'Round 2. You play O. Bob’s turn.');
  // What had the focus is gone; the board has it now.
  await expect(bob.page.locator('#board [tabindex="0"]')).toBeFocused();
});

test('who comes back is said to; a new opponent is not one who came back', async ({ person, pair: [ann, bob] }) => {
  await listen(ann);
  await ann.page.reload();
  await ann.sees({ screen: 'play', rival: { sub: 'here' } });
  await said(ann, 'Round 1. You play X. Your turn.');
  const address = bob.page.url();
  await bob.page.goto('/');
  await said(ann, 'Bob is away.');
  await bob.page.goto(address);
  await said(ann, 'Bob is here again.');
  await bob.page.goto('/');
  await said(ann, 'Bob is away.');

  // Ann goes into another room, in which Dan is and has been.
  const dan = await person('Dan');
  const code = await dan.create();
  await ann.page.locator('#home').click();
  await ann.sees({ screen: 'start' });
  await ann.page.locator('#code-field').fill(code);
  await ann.click('Join');
  await ann.sees({ screen: 'play', rival: { name: 'Dan', sub: 'here' } });
  // Absence is looked at every second, and again when a flicker would be over.
  await ann.page.waitForTimeout(2_500);
  await said(ann, 'Round 1. You play O. Dan’s turn.');
});

test.describe('with a short grace', () => {
  test.use({ serverFlags: ['--grace', '1s'] });

  test('whoever takes a free seat is not taken for the one who left it', async ({ server, pair: [ann, bob] }) => {
    await listen(ann);
    await ann.page.reload();
    await ann.sees({ screen: 'play', rival: { sub: 'here' } });
    await said(ann, 'Round 1. You play X. Your turn.');
    await bob.page.close();
    // Eve has been waiting for the seat and takes it at once.
    const request = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"name":"Eve"}' };
    const join = () => fetch(`${server.url}/api${new URL(ann.page.url()).pathname.replace('game', 'games')}/join`, request);
    while (!(await join()).ok);
    await ann.sees({ screen: 'play', rival: { name: 'Eve', sub: 'here' } });
    await ann.page.waitForTimeout(2_000);
    expect(await ann.page.evaluate(() => window.said.join(' '))).not.toMatch(/again/);
  });
});

test('the board has names for those who do not see it', async ({ pair: [ann, bob] }) => {
  await new Round(ann, bob).play(0);
  await expect(bob.page.getByRole('grid', { name: 'Board' })).toBeVisible();
  await expect(bob.page.getByRole('gridcell', { name: 'top left, X' })).toBeDisabled();
  await expect(bob.page.getByRole('gridcell', { name: 'centre, empty' })).toBeEnabled();
  await expect(bob.page.getByRole('gridcell')).toHaveCount(9);
});
