import AxeBuilder from '@axe-core/playwright';
import { expect } from '@playwright/test';

/** axe finds nothing wrong, light or dark, narrow or wide, and nothing sticks out. @param {import('@playwright/test').Page} page @param {string} state */
export async function accessible(page, state) {
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth), `${state}, ${width} px`).toBeLessThanOrEqual(width);
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
      const found = violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
      expect(found, `${state}, ${colorScheme}, ${width} px`).toEqual([]);
    }
  }
}
