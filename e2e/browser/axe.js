import AxeBuilder from '@axe-core/playwright';
import { expect } from '@playwright/test';

/** @typedef {[number, 'light' | 'dark']} Look */

/** @type {Look[]} */
const ALL = [[360, 'light'], [360, 'dark'], [1280, 'light'], [1280, 'dark']]; // prettier-ignore
/** Each width and each scheme once. @type {Look[]} */
export const ACROSS = [[360, 'light'], [1280, 'dark']]; // prettier-ignore

/** axe finds nothing wrong, light or dark, narrow or wide, and nothing sticks out. @param {import('@playwright/test').Page} page @param {string} state */
export async function accessible(page, state, looks = ALL) {
  for (const [width, colorScheme] of looks) {
    await page.setViewportSize({ width, height: 740 });
    await page.emulateMedia({ colorScheme });
    expect(await page.evaluate(() => document.documentElement.scrollWidth), `${state}, ${width} px`).toBeLessThanOrEqual(width);
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
    expect(found, `${state}, ${colorScheme}, ${width} px`).toEqual([]);
  }
}
