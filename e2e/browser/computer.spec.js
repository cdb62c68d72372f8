// Against the computer.
import { expect, test } from './fixtures.js';
import { playWell } from './skill.js';

/** @param {import('./player.js').Player} player @param {string} level */
async function challenge(player, level) {
  await player.page.goto('/');
  await player.page.getByLabel('Your name').first().fill(player.name);
  await player.page.getByRole('group', { name: 'Against the computer' }).getByRole('button', { name: level }).click();
  await player.sees({ screen: 'play', rival: { name: 'Computer', sub: level }, sentence: 'Your turn' });
}

test('easy can be beaten', async ({ person }) => {
  const ann = await person('Ann');
  await challenge(ann, 'Easy');
  // There is nobody to make a gesture to.
  await expect(ann.page.getByRole('button', { name: 'React' })).toBeHidden();
  for (let round = 1; round <= 8; round++) {
    const end = await playWell(ann);
    expect(['You won', 'A draw']).toContain(end);
    if (end === 'You won') return;
    await ann.click('Rematch');
    await ann.sees({ facts: expect.stringMatching(`^Round ${round + 1}`) });
  }
  throw new Error('it was not beaten in eight rounds');
});

test('perfect draws with who plays well, and plays again at once', async ({ person }) => {
  const ann = await person('Ann');
  await challenge(ann, 'Perfect');
  expect(await playWell(ann)).toBe('A draw');
  await ann.sees({ note: '', facts: 'Round 1 · 1 draw' });
  await ann.click('Rematch');
  await ann.sees({ facts: 'Round 2 · 1 draw', me: { mark: 'O' }, sentence: 'Your turn' });
});
