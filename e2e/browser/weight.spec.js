// What the pages cost, and that they stand still.
import { expect, OFFLINE, test } from './fixtures.js';
import { Round } from './player.js';

const BUDGET = 60_000;

/** Everything that comes over the wire, headers included. @param {import('@playwright/test').Page} page */
async function meter(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const urls = new Map();
  const bytes = new Map();
  session.on('Network.responseReceived', ({ requestId, response }) => urls.set(requestId, response.url));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => bytes.set(urls.get(requestId), encodedDataLength));
  return bytes;
}

test('the whole page takes at most 60 kB, and asks for nothing more once it is loaded', async ({ person }) => {
  const [ann, bob] = await Promise.all([person('Ann'), person('Bob')]);
  const bytes = await meter(ann.page);
  const asked = [];
  ann.page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname}`));
  await ann.page.goto('/', { waitUntil: 'networkidle' });
  // What a browser without a window does not ask for is weighed as well.
  const linked = await ann.page.locator('link[href]').evaluateAll((links) => links.map((link) => link.href));
  for (const url of linked.filter((url) => !bytes.has(url))) {
    const answer = await ann.page.request.get(url, { headers: { 'Accept-Encoding': 'gzip' } });
    expect(answer.ok(), url).toBe(true);
    bytes.set(url, (await answer.body()).length + JSON.stringify(answer.headersArray()).length);
  }
  const total = [...bytes.values()].reduce((sum, size) => sum + size, 0);
  console.log(`the whole page: ${total} bytes in ${bytes.size} answers`);
  expect(bytes.size).toBeGreaterThan(15);
  expect(total).toBeLessThanOrEqual(BUDGET);

  // Creating a room is a request, of course; then there is the socket, and nothing else. (When to fetch the icon,
  // which has been weighed, is the browser's own affair.)
  asked.length = 0;
  await bob.join(await ann.begin());
  await new Round(ann, bob).play(0, 3, 1, 4, 2);
  await ann.click('Rematch');
  await bob.click('Play again');
  await new Round(bob, ann).play(4, 0);
  expect(asked.filter((request) => !request.endsWith('/favicon.svg'))).toEqual(['POST /api/games']);
});

test('nothing on the page jumps', async ({ person, tolerated }) => {
  tolerated.push(OFFLINE);
  const [ann, bob] = await Promise.all([person('Ann'), person('Bob')]);
  for (const { page } of [ann, bob])
    await page.addInitScript(() => {
      window.shifts = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries())
          if (!entry.hadRecentInput) window.shifts.push([entry.value, ...entry.sources.map(({ node }) => node?.id || node?.className || String(node))]);
      }).observe({ type: 'layout-shift', buffered: true });
    });
  const code = await ann.create();
  await bob.join(code);
  const round = new Round(ann, bob);
  await round.play(0, 3, 1);
  for (const { page } of [ann, bob]) expect(await page.evaluate(() => window.shifts)).toEqual([]);
  // A line lost and found again moves nothing either.
  await bob.page.context().setOffline(true);
  await bob.sees({ bar: 'Connection lost. Reconnecting …' });
  await bob.page.context().setOffline(false);
  await round.shown();
  await round.play(4, 2);
  await bob.page.reload();
  await bob.sees({ sentence: 'Ann won' });
  for (const { page } of [ann, bob]) expect(await page.evaluate(() => window.shifts)).toEqual([]);
});
