// A room with a clock.
import { expect, test } from './fixtures.js';
import { listen } from './heard.js';
import { Round } from './player.js';

test('the clock runs down, is heard once, and runs out', async ({ person }) => {
  const [ann, bob] = await Promise.all([person('Ann'), person('Bob')]);
  await Promise.all([listen(ann), listen(bob)]);
  await ann.page.goto('/');
  // 15 s are too long to wait for, and with 5 s there is no moment at which little is left.
  await ann.page.evaluate(() => void (document.querySelector('#new-clock [value="15"]').value = '7'));
  await ann.page.getByLabel('Time for a move').selectOption('15 seconds');
  const code = await ann.begin();
  await bob.page.goto(`/game/${code}`);
  await expect(bob.page.getByText('Each move has 7 seconds.')).toBeVisible();
  await bob.accept();
  const round = new Round(ann, bob);
  await round.play(4, 0);
  await ann.sees({ facts: 'Round 1 · 7 s a move' });

  // All that is seen until it is over, and that it never goes up.
  const clock = ann.page.locator('#clock');
  await expect(clock).toBeVisible();
  await expect(clock).toHaveAttribute('data-low', '');
  const times = await ann.page.evaluate(async () => {
    const seen = [];
    while (document.getElementById('turn').textContent === 'Your turn') {
      const time = document.getElementById('clock-left').textContent;
      if (time !== seen.at(-1)) seen.push(time);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return seen;
  });
  expect(times.length).toBeGreaterThanOrEqual(4);
  expect(times).toEqual([...times].sort().reverse());
  await ann.sees({ sentence: 'Bob won', note: 'Your time ran out.', rival: { wins: '1', won: true } });
  await bob.sees({ sentence: 'You won', note: 'Ann’s time ran out.', me: { wins: '1', won: true } });
  await expect(clock).toBeHidden();
  const heard = (player) => player.page.evaluate(() => window.said.join(' '));
  await expect.poll(() => heard(ann)).toMatch(/^Bob joined\. Round 1\. You play X\. 7 seconds a move\. Your turn\./);
  await expect.poll(() => heard(ann)).toMatch(/Your turn\. 5 seconds left\. Your time ran out\. Bob won\.$/);
  await expect.poll(() => heard(bob)).toMatch(/Ann’s turn\. Ann’s time ran out\. You won\.$/);
});
