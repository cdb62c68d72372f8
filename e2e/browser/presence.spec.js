// The other one is here, away or gone, and the page is honest about it.
import { expect, NOT_FOUND, test } from './fixtures.js';
import { Round } from './player.js';

const heading = (player) => player.page.getByRole('heading', { level: 1 });

test('the opponent is away with a countdown, and comes back', async ({ pair: [ann, bob] }) => {
  const round = new Round(ann, bob);
  await round.play(4);
  const address = bob.page.url();
  const context = bob.page.context();
  await bob.page.close();
  await ann.sees({ rival: { sub: expect.stringMatching(/^away · (2:00|1:5\d)$/) }, note: expect.stringMatching(/^Bob is away\. Seat kept for (2:00|1:5\d)\.$/) });
  const left = async () => Number((await ann.look()).rival.sub.slice(-2)) || 60;
  const before = await left();
  await expect.poll(left).toBeLessThanOrEqual(before - 2);
  bob.page = await context.newPage();
  await bob.page.goto(address);
  await ann.sees({ rival: { sub: 'here' }, note: '' });
  delete round.last; // a new tab has not seen what was played last
  await bob.sees({ sentence: 'Your turn' });
  await round.play(0, 8);
});

test('a refresh is no absence worth a word', async ({ pair: [ann, bob] }) => {
  await ann.page.evaluate(() => {
    window.presence = new Set();
    const sub = document.querySelector('#player-1 .sub');
    new MutationObserver(() => window.presence.add(sub.textContent)).observe(sub, { childList: true, characterData: true, subtree: true });
  });
  // As quick as a refresh is on a machine with nothing else to do.
  await bob.page.evaluate(() => dispatchEvent(new PopStateEvent('popstate')));
  await bob.sees({ screen: 'play' });
  await new Round(ann, bob).play(4, 0);
  expect(await ann.page.evaluate(() => [...window.presence])).toEqual([]);
});

test('the guest leaves: the host waits again, and is told', async ({ person, pair: [ann, bob] }) => {
  const code = ann.page.url().split('/').pop();
  await new Round(ann, bob).play(0, 3, 1, 4, 2);
  await bob.leave();
  await bob.sees({ screen: 'closed' });
  await expect(heading(bob)).toHaveText('You left the game.');
  await ann.sees({ screen: 'waiting' });
  await expect(heading(ann)).toHaveText('Bob left the game');
  await expect(ann.page.locator('#wait-lead')).toHaveText('The room is open for somebody new: send them the link.');
  await expect(ann.page.locator('#wait-code')).toHaveText(code);

  const cid = await person('Cid');
  await cid.join(code);
  // Another opponent, another score; the host is X again.
  await ann.sees({ facts: 'Round 2', me: { mark: 'X', wins: '0' }, rival: { name: 'Cid', wins: '0' } });
  await new Round(ann, cid).play(4);
});

test('the host leaves: the guest is told, and can start anew', async ({ pair: [ann, bob], tolerated }) => {
  tolerated.push(NOT_FOUND);
  await new Round(ann, bob).play(4);
  await ann.resign();
  await ann.sees({ buttons: ['Rematch', 'Leave', 'Replay, in a new tab'] });
  await ann.leave();
  await ann.sees({ screen: 'closed' });
  await bob.sees({ screen: 'closed' });
  await expect(heading(bob)).toHaveText('The host left, and the game is over.');
  await bob.click('New game');
  await bob.sees({ screen: 'waiting' });
});

test.describe('with a short grace', () => {
  test.use({ serverFlags: ['--grace', '1s'] });

  test('a guest who does not come back frees the seat', async ({ person, pair: [ann, bob] }) => {
    const address = bob.page.url();
    const context = bob.page.context();
    await new Round(ann, bob).play(4);
    await bob.page.close();
    await ann.sees({ screen: 'waiting' });
    await expect(heading(ann)).toHaveText('Bob left the game');
    await expect(ann.page.locator('#wait-lead')).toHaveText('The room is open for somebody new: send them the link.');
    // What Bob still has is no seat any more: he is invited like anybody.
    bob.page = await context.newPage();
    await bob.page.goto(address);
    await bob.sees({ screen: 'invite' });
    await bob.accept();
    await new Round(ann, bob).play(4);
  });
});
