// Every size of screen, and those who want nothing to move.
import { expect, test } from './fixtures.js';
import { Round } from './player.js';

/** What can be pressed or typed into and is smaller than a finger. Runs in the page. */
function tooSmall() {
  return [...document.querySelectorAll('a, button, input')]
    .filter((element) => element.checkVisibility() && !element.matches('.skip'))
    .map((element) => ({ what: element.id || element.className, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.width < 44 || box.height < 44)
    .map(({ what, box }) => `${what}: ${box.width} × ${box.height}`);
}

/** @param {import('./player.js').Player} player */
async function fits({ page }, ...selectors) {
  const [width, height] = await page.evaluate(() => [document.documentElement.scrollWidth, scrollY]);
  expect(width, 'nothing sticks out').toBeLessThanOrEqual(page.viewportSize().width);
  expect(height).toBe(0);
  for (const selector of selectors) await expect(page.locator(selector), selector).toBeInViewport({ ratio: 1 });
  expect(await page.evaluate(tooSmall)).toEqual([]);
}

/** Runs in the page. @param {Element} heading */
function linesOfFirstWord(heading) {
  const range = document.createRange();
  range.setStart(heading.firstChild, 0);
  range.setEnd(heading.firstChild, heading.textContent.indexOf(' '));
  return range.getClientRects().length;
}

/** How strongly the page says whose turn it is. Runs in the page. */
function emphasis() {
  const turn = document.getElementById('turn');
  const line = getComputedStyle(turn.lastElementChild, '::after');
  return {
    weight: Number(getComputedStyle(turn).fontWeight),
    underlined: line.content !== 'none' && line.clipPath === 'none' && parseFloat(line.height) > 4,
    ink: getComputedStyle(document.querySelector('#player-0 .name')).color,
    colour: getComputedStyle(turn).color,
    strokes: getComputedStyle(document.querySelector('#board .strokes')).stroke,
  };
}

for (const [width, height] of [[320, 568], [360, 740], [667, 375], [768, 1024], [1920, 1080]]) {
  test(`at ${width} × ${height} all that matters is in sight`, async ({ person }) => {
    const viewport = { width, height };
    const [ann, bob] = await Promise.all([person('Ann', { viewport }), person('Bob', { viewport })]);
    await ann.page.goto('/');
    await ann.sees({ screen: 'start' });
    await fits(ann, '#new-name', '#new-game');
    expect(await ann.page.locator('#start-head').evaluate(linesOfFirstWord), 'the game’s name is not broken').toBe(1);
    const head = await ann.page.locator('#home').boundingBox();
    await ann.page.locator('#code-field').fill('xy');
    await expect(ann.page.locator('#code-error')).toHaveText(/./);
    const [error, line] = await ann.page.locator('#code-error').evaluate((element) => [element.clientHeight, parseFloat(getComputedStyle(element).minHeight)]);
    expect(error, 'the error is one line').toBeLessThan(1.5 * line);
    const code = await ann.begin();
    await fits(ann, '#wait-code', '#copy');
    expect(await ann.page.locator('#home').boundingBox(), 'the head stays where it is').toEqual(head);
    await bob.page.goto(`/game/${code}`);
    await bob.sees({ screen: 'invite' });
    await fits(bob, '#join-name', '#join-game');
    expect(await bob.page.locator('#home').boundingBox()).toEqual(head);
    await bob.accept();
    const round = new Round(ann, bob);
    await round.play(0, 3);
    await fits(ann, '#board', '#turn', '#player-0', '#player-1');
    const board = await ann.page.locator('#board').boundingBox();
    expect(board.width, 'the board fills the shorter side').toBeGreaterThan(Math.min(width, height) * 0.75);
    await round.play(1, 4, 2);
    await fits(bob, '#board', '#turn', '#rematch');
  });
}

test.describe('with reduced motion', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  for (const colorScheme of ['light', 'dark']) {
    test(`one’s own turn cannot be missed, ${colorScheme}`, async ({ person }) => {
      const [ann, bob] = await Promise.all([person('Ann', { colorScheme }), person('Bob', { colorScheme })]);
      await bob.join(await ann.create());
      const round = new Round(ann, bob);
      for (const cell of [4, 0, 8]) {
        const [mover, other] = round.mover === ann ? [ann, bob] : [bob, ann];
        await round.shown();
        const mine = await mover.page.evaluate(emphasis);
        const theirs = await other.page.evaluate(emphasis);
        expect(mine).toMatchObject({ weight: 800, underlined: true, colour: mine.ink, strokes: mine.ink });
        expect(theirs).toMatchObject({ weight: 400, underlined: false });
        for (const ink of [mine.ink, theirs.ink]) expect([theirs.colour, theirs.strokes]).not.toContain(ink);
        await round.play(cell);
      }
    });
  }

  test('nothing moves', async ({ person }) => {
    const [ann, bob] = await Promise.all([person('Ann'), person('Bob')]);
    for (const { page } of [ann, bob])
      await page.addInitScript(() => {
        window.moved = [];
        for (const kind of ['animationstart', 'transitionrun']) addEventListener(kind, (event) => window.moved.push(`${kind} ${event.target.className}`), true);
      });
    await bob.join(await ann.create());
    await new Round(ann, bob).play(0, 3, 1, 4, 2);
    for (const { page } of [ann, bob]) {
      expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
      expect(await page.evaluate(() => window.moved)).toEqual([]);
    }
  });
});

test('otherwise marks are drawn', async ({ pair: [ann, bob] }) => {
  await ann.page.evaluate(() => {
    window.drawn = [];
    addEventListener('animationstart', ({ target }) => window.drawn.push(target.getAttribute('class')));
  });
  await new Round(ann, bob).play(0, 3, 1, 4, 2);
  await expect.poll(() => ann.page.evaluate(() => window.drawn)).toEqual(expect.arrayContaining(['x first', 'x second', 'o', 'line']));
});
