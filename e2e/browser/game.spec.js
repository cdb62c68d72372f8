// Whole games, seen from both sides.
import { expect, test } from './fixtures.js';
import { Round } from './player.js';

test('X wins on a line', async ({ pair: [ann, bob] }) => {
  const round = new Round(ann, bob);
  await round.shown();
  await ann.sees({ me: { mark: 'X', wins: '0' }, rival: { name: 'Bob', sub: 'here', mark: 'O' }, facts: 'Round 1', buttons: ['Resign'] });
  await round.play(0, 3, 1, 4, 2);
  await ann.sees({ sentence: 'You won', line: [0, 1, 2], me: { wins: '1' }, rival: { wins: '0' }, buttons: ['Rematch', 'Leave', 'Replay, in a new tab'] });
  await bob.sees({ sentence: 'Ann won', line: [0, 1, 2], me: { wins: '0' }, rival: { wins: '1' }, buttons: ['Rematch', 'Leave', 'Replay, in a new tab'] });
  // The line is really drawn, in the winner's ink.
  await expect(bob.page.locator('#board .win')).toHaveAttribute('data-mark', 'X');
  const stroke = await bob.page.locator('#board .win path').boundingBox();
  expect(stroke?.width).toBeGreaterThan(200);
});

test('O wins, then a rematch with swapped marks, and the score stays with the players', async ({ pair: [ann, bob] }) => {
  await new Round(ann, bob).play(0, 2, 1, 4, 8, 6);
  await bob.sees({ sentence: 'You won', me: { wins: '1' } });
  await ann.click('Rematch');
  await ann.sees({ buttons: ['Waiting …', 'Leave', 'Replay, in a new tab'], sentence: 'Bob won' });
  await bob.sees({ note: 'Ann wants a rematch.', buttons: ['Play again', 'Leave', 'Replay, in a new tab'] });
  await bob.click('Play again');

  const second = new Round(bob, ann);
  await second.shown();
  await ann.sees({ me: { mark: 'O', wins: '0' }, rival: { name: 'Bob', mark: 'X', wins: '1' }, facts: 'Round 2', note: '' });
  await second.play(4, 0, 2, 3, 8, 6);
  await ann.sees({ sentence: 'You won', me: { wins: '1' }, rival: { wins: '1' } });
  await bob.sees({ sentence: 'Ann won', me: { wins: '1' }, rival: { wins: '1' } });
});

test('a draw', async ({ pair: [ann, bob] }) => {
  await new Round(ann, bob).play(0, 1, 2, 4, 3, 5, 7, 6, 8);
  for (const player of [ann, bob]) {
    await player.sees({ sentence: 'A draw', facts: 'Round 1 · 1 draw', line: [], last: [8], me: { wins: '0' }, rival: { wins: '0' } });
  }
});

test('a resignation', async ({ pair: [ann, bob] }) => {
  await new Round(ann, bob).play(4, 0);
  await bob.resign();
  await bob.sees({ sentence: 'Ann won', note: 'You resigned.', board: 'O...X....', line: [], rival: { wins: '1' } });
  await ann.sees({ sentence: 'You won', note: 'Bob resigned.', board: 'O...X....', line: [], me: { wins: '1', won: true } });
});

test('the last move closes two lines at once, and both are drawn', async ({ pair: [ann, bob] }) => {
  await new Round(ann, bob).play(0, 1, 2, 3, 6, 5, 8, 7, 4);
  await bob.sees({ line: [0, 2, 4, 6, 8], strokes: 2 });
});

test('one’s own mark is there at once, as pending, and settles', async ({ server, pair: [ann, bob] }) => {
  server.freeze();
  await ann.press(4);
  await ann.sees({ board: '....X....', pending: [4], sentence: 'Your turn' }, 1_000);
  await bob.sees({ board: '.........' });
  server.thaw();
  const round = new Round(ann, bob);
  round.made(4);
  await round.shown();
});

test('a refusal takes the mark back with a word', async ({ server, pair: [ann, bob] }) => {
  const second = await ann.tab();
  await second.page.goto(ann.page.url());
  await second.sees({ sentence: 'Your turn' });
  // Both tabs press for the same turn before the server answers either: one of them was too late.
  server.freeze();
  await ann.press(0);
  await second.press(8);
  await ann.sees({ pending: [0] });
  await second.sees({ pending: [8] });
  server.thaw();
  await bob.sees({ sentence: 'Your turn' });
  const { board } = await bob.look();
  const late = board[0] === 'X' ? second : ann;
  await late.sees({ board, pending: [], note: 'The game had moved on.', sentence: 'Bob’s turn' });
  await (late === ann ? second : ann).sees({ board, pending: [], note: '' });

  const round = new Round(ann, bob, []);
  round.made(board.indexOf('X'));
  await round.play(4, 2);
  await late.sees({ note: '' });
});
