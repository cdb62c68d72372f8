// A second device in the same network, over plain http: to a browser such an address is not secure, and there is
// no clipboard, no share sheet and no crypto.randomUUID.
import { networkInterfaces } from 'node:os';
import { chromium } from '@playwright/test';
import { expect, test as base } from './fixtures.js';
import { Player, Round } from './player.js';
import { Server } from './server.js';

const own = Object.values(networkInterfaces()).flat().find((network) => network?.family === 'IPv4' && !network.internal)?.address;

const test = base.extend({
  // To its own address a machine speaks without leaving itself; without one, a name stands for it.
  browser: async ({ browser, launchOptions }, use) => {
    if (own) return use(browser);
    const named = await chromium.launch({ ...launchOptions, args: [...launchOptions.args, '--host-resolver-rules=MAP tictac.test 127.0.0.1'] });
    await use(named);
    await named.close();
  },
  server: async ({}, use) => {
    const server = new Server([], '0.0.0.0');
    await server.start();
    await use(server);
    await server.close();
  },
});

test('a game with a device in the same network', async ({ server, open }) => {
  const baseURL = `http://${own ?? 'tictac.test'}:${server.port}`;
  const [ann, bob] = [await Player.in(await open({ baseURL }), 'Ann'), await Player.in(await open({ baseURL }), 'Bob')];
  const code = await ann.create();
  expect(await ann.page.evaluate(() => [isSecureContext, typeof navigator.clipboard, typeof navigator.share])).toEqual([false, 'undefined', 'undefined']);
  await expect(ann.page.getByRole('button', { name: 'Share' })).toBeHidden();

  await ann.click('Copy link');
  await expect(ann.page.locator('#copy')).toHaveText('Copied');
  await bob.page.goto('/');
  // It is on the clipboard: Bob pastes it as he would from a message.
  const pasted = await ann.tab();
  await pasted.page.goto('/');
  await pasted.page.locator('#code-field').focus();
  await pasted.page.keyboard.press('Control+v');
  await expect(pasted.page.locator('#code-field')).toHaveValue(`${baseURL}/game/${code}`);
  await pasted.page.close();

  await bob.join(code);
  await new Round(ann, bob).play(0, 3, 1, 4, 2);
});
