// A seat belongs to a tab, and a browser keeps all of its seats.
import { expect, test } from './fixtures.js';
import { Round } from './player.js';

test('refresh, the back button, closing and reopening the tab: the seat is kept', async ({ pair: [ann, bob] }) => {
  const round = new Round(ann, bob);
  const address = ann.page.url();
  await round.play(4, 0);

  await ann.page.reload();
  await ann.sees({ board: 'O...X....', last: [0], sentence: 'Your turn', me: { name: 'Ann', mark: 'X' } });

  await ann.page.goBack();
  await ann.sees({ screen: 'start' });
  await bob.sees({ rival: { sub: expect.stringMatching(/^away · [12]:\d\d$/) } });
  await ann.page.goForward();
  await ann.sees({ screen: 'play', last: [0], sentence: 'Your turn' });
  await bob.sees({ rival: { sub: 'here' } });

  const context = ann.page.context();
  await ann.page.close();
  ann.page = await context.newPage();
  await ann.page.goto(address);
  await ann.sees({ screen: 'play', sentence: 'Your turn', me: { name: 'Ann', mark: 'X' } });
  await ann.press(8);
  await bob.sees({ board: 'O...X...X', sentence: 'Your turn' });
});

test('what was played while a page was loading is marked as well', async ({ pair: [ann, bob] }) => {
  await new Round(ann, bob).play(4, 0);
  const address = ann.page.url();
  await bob.page.goto('about:blank');
  await ann.press(8);
  await ann.sees({ board: 'O...X...X', last: [8], pending: [] });
  await bob.page.goto(address);
  await bob.sees({ board: 'O...X...X', last: [8], sentence: 'Your turn' });
});

test('a second tab of one seat sees the same and may move', async ({ pair: [ann, bob] }) => {
  const first = new Round(ann, bob);
  await first.play(4, 0);
  const second = await ann.tab();
  await second.page.goto(ann.page.url());
  await second.sees({ board: 'O...X....', sentence: 'Your turn', me: { name: 'Ann', mark: 'X' } });
  await second.press(8);
  first.made(8);
  await first.shown();
  await second.sees({ board: 'O...X...X', last: [8], pending: [], sentence: 'Bob’s turn' });
  await first.play(2);
  await second.sees({ board: 'O.O.X...X', last: [2], sentence: 'Your turn' });
  // One tab goes, and Ann is still there.
  await ann.page.close();
  await second.press(1);
  await bob.sees({ board: 'OXO.X...X', sentence: 'Your turn', rival: { sub: 'here' } });
});

test('two tabs of one browser are host and guest', async ({ person }) => {
  const ann = await person('Ann');
  const code = await ann.create();
  const bob = await ann.tab('Bob');
  await bob.page.goto(`/game/${code}`);
  await bob.sees({ screen: 'invite' });
  await expect(bob.page.getByRole('heading', { level: 1 })).toHaveText('Ann invites you to a game');
  await expect(bob.page.getByRole('button', { name: 'Continue as Ann' })).toBeVisible();
  await bob.accept();
  const round = new Round(ann, bob);
  await round.play(4, 0);
  await Promise.all([ann.page.reload(), bob.page.reload()]);
  await round.shown();
  await round.play(8, 1, 2, 6, 5);
});

test('a new tab of a waiting room offers to continue as the host', async ({ person }) => {
  const [ann, bob] = await Promise.all([person('Ann'), person('Bob')]);
  const code = await ann.create();
  const second = await ann.tab();
  await second.page.goto(`/game/${code}`);
  await second.click('Continue as Ann');
  await second.sees({ screen: 'waiting' });
  await bob.join(code);
  await new Round(ann, bob, []).play(4);
  await second.sees({ screen: 'play', board: '....X....', me: { name: 'Ann' } });
});

test('storage that throws breaks nothing', async ({ person }) => {
  const bob = await person('Bob');
  const ann = await person('Ann');
  await ann.page.context().addInitScript(() => {
    for (const storage of ['localStorage', 'sessionStorage'])
      Object.defineProperty(window, storage, {
        get() {
          throw new DOMException('The operation is insecure.', 'SecurityError');
        },
      });
  });
  await bob.join(await ann.create());
  const round = new Round(ann, bob);
  await round.play(4, 0);
  // The seat lives as long as the page.
  await ann.page.goBack();
  await ann.sees({ screen: 'start' });
  await ann.page.goForward();
  await ann.sees({ screen: 'play' });
  await round.play(8, 1, 2, 6, 5);
});
