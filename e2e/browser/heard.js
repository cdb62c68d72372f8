// What the page says to those who listen.
import { expect } from '@playwright/test';

/** From now on the page keeps what its live region says. @param {import('./player.js').Player} player */
export const listen = (player) =>
  player.page.context().addInitScript(() => {
    window.said = [];
    addEventListener('DOMContentLoaded', () => {
      const live = document.getElementById('live');
      new MutationObserver(() => window.said.push(live.textContent.trim())).observe(live, { childList: true, characterData: true, subtree: true });
    });
  });

/** Each of it once; what comes within a moment may be said in one go. @param {import('./player.js').Player} player @param {string[]} expected */
export async function said(player, ...expected) {
  await expect.poll(() => player.page.evaluate(() => window.said.join(' '))).toBe(expected.join(' '));
  await player.page.evaluate(() => void (window.said = []));
}
