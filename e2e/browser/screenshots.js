// Takes the picture in the README: a real game through a real server, both screens side by side.
import { mkdirSync } from 'node:fs';
import { chromium } from '@playwright/test';
import config from '../../playwright.config.js';
import { Player, Round } from './player.js';
import { Server } from './server.js';
import setup from './setup.js';

const [WIDTH, HEIGHT] = [640, 800];

const cleanUp = setup();
const server = new Server();
await server.start();
const browser = await chromium.launch(config.use?.launchOptions);
try {
  const [ann, bob] = await Promise.all(['Ann', 'Bob'].map(seat));
  await bob.join(await ann.create());
  await new Round(ann, bob).play(4, 0, 2, 6, 3, 5, 8, 1, 7);
  await ann.click('Rematch');
  await bob.click('Play again');
  await new Round(bob, ann).play(4, 0, 2, 6, 3);
  const pictures = await Promise.all([ann, bob].map(picture));
  await sideBySide(pictures);
} finally {
  await browser.close();
  await server.close();
  cleanUp?.();
}

/** @param {string} name @param {number} place */
async function seat(name, place) {
  const context = await browser.newContext({
    baseURL: server.url,
    viewport: { width: WIDTH, height: HEIGHT },
    reducedMotion: 'reduce',
    colorScheme: place === 0 ? 'light' : 'dark',
  });
  return Player.in(context, name);
}

/** @param {Player} player */
async function picture({ page }) {
  const png = await page.screenshot();
  return `data:image/png;base64,${png.toString('base64')}`;
}

/** @param {string[]} pictures */
async function sideBySide(pictures) {
  mkdirSync('docs/images', { recursive: true });
  const page = await browser.newPage({ viewport: { width: 2 * WIDTH, height: HEIGHT } });
  await page.setContent(`<body style="margin:0;display:flex">${pictures.map((source) => `<img src="${source}">`).join('')}`);
  await page.screenshot({ path: 'docs/images/playing.png' });
}
