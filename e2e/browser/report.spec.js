// The page that tictac load writes: all of it is there, what servers said is text, and it asks for nothing.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { accessible } from './axe.js';
import { expect, test } from './fixtures.js';

test.use({ serverFlags: ['--message-limit', '0', '--max-sockets-per-address', '0'] });

const MARKUP = `<img src="http://127.0.0.1:1/" onerror="document.title = 'bad'"></script><script>document.title = 'bad'</script><!-- `;

test('the report of a load', async ({ server, open, tolerated }, info) => {
  tolerated.push(/^foreign request: file:.*\/report\.html$/);
  const file = info.outputPath('report.html');
  const flags = ['load', '--target', server.url, '--players', '20', '--duration', '2s', '--report', file];
  await promisify(execFile)(process.env.TICTAC_BINARY ?? 'bin/tictac', flags);
  const page = await (await open()).newPage();
  await page.goto(pathToFileURL(file).href);
  await expect(page).toHaveTitle(/^[\d,]+ moves a second – tictac load$/);
  await expect(page.getByText('Every view was right, and no acknowledged move was lost')).toBeVisible();
  await expect(page.getByText(server.url)).toBeVisible();
  for (const name of ['Latency over time', 'Moves a second', 'How latencies are spread']) {
    const plot = page.locator('.plot', { has: page.getByRole('img', { name }) });
    await plot.hover();
    await expect(plot.locator('.tip')).toHaveText(/\d/);
  }
  await page.getByText('Second by second').click();
  await expect(page.getByRole('columnheader', { name: 'errors so far' })).toBeVisible();
  await accessible(page, 'report');
  await page.setViewportSize({ width: 320, height: 740 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);

  // The same page, of a server that lies.
  const [before, json, after] = readFileSync(file, 'utf8').split(/(?<=id="report">)(.*)(?=<\/script>\n<script>)/);
  const report = { ...JSON.parse(json), wrong: [MARKUP], kinds: [`1 x ${MARKUP}`], failed: true, headline: MARKUP, subtitle: MARKUP, verdict: MARKUP };
  writeFileSync(file, before + JSON.stringify(report).replaceAll('<', '\\u003c') + after);
  await page.reload();
  await expect(page.locator('h1')).toHaveText(MARKUP.trim());
  await expect(page.locator('.verdict.broken')).toHaveText(MARKUP.trim());
  await expect(page.locator('li', { hasText: MARKUP })).toHaveCount(2);
  await expect(page.locator('main img, main script')).toHaveCount(0);
});
