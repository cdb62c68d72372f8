// What a journey has: a server of its own, and players, each in a browser of their own that tolerates nothing odd.
import { test as base, expect } from '@playwright/test';
import { Player } from './player.js';
import { Server } from './server.js';

export { expect };

/** What a browser itself complains about while the server is away, or when it is asked for a room that is not there. */
export const OFFLINE = /WebSocket connection to .* failed|ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED/;
export const NOT_FOUND = /status of 404/;
export const CONFLICT = /status of 409/;
export const BUSY = /status of (429|50[23])/;
export const CUT = /ERR_FAILED/;

export const test = base.extend({
  serverFlags: [[], { option: true }],

  server: async ({ serverFlags }, use) => {
    const server = new Server(serverFlags);
    await server.start();
    await use(server);
    await server.close();
    const wrong = server.log.filter((line) => /DATA RACE|panic|"level":"ERROR"/.test(line));
    expect(wrong, 'the server logged').toEqual([]);
  },

  /** Complaints that this journey expects. */
  tolerated: async ({}, use) => use([]),

  /** A browser context with guards, for one or more tabs. */
  open: async ({ browser, server, tolerated }, use) => {
    const contexts = [];
    const complaints = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL: server.url, ...options });
      contexts.push(context);
      guard(context, new URL(options.baseURL ?? server.url).host, complaints);
      return context;
    });
    await Promise.all(contexts.map((context) => context.close()));
    const wrong = complaints.filter((complaint) => !tolerated.some((pattern) => pattern.test(complaint)));
    expect(wrong, 'the pages complained').toEqual([]);
  },

  /** A person: a name, a browser of their own and a tab in it. */
  person: async ({ open }, use) => {
    await use(async (name, options) => Player.in(await open(options), name));
  },

  /** Ann and Bob in a game that has just begun. */
  pair: async ({ person }, use) => {
    const [ann, bob] = await Promise.all([person('Ann'), person('Bob')]);
    await bob.join(await ann.create());
    await Promise.all([ann.sees({ screen: 'play' }), bob.sees({ screen: 'play' })]);
    await use([ann, bob]);
  },
});

/** @param {import('@playwright/test').BrowserContext} context @param {string} host @param {string[]} complaints */
function guard(context, host, complaints) {
  context.on('page', (page) => {
    page.on('dialog', async (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      await dialog.dismiss();
    });
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  });
  // A violation of the content security policy is told here as well.
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`);
  });
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.host !== host && url.protocol !== 'data:') complaints.push(`foreign request: ${url}`);
  });
}
