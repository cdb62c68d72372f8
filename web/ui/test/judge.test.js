import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY, closedLine, judge, markAt, outcome, put, turningPoint } from '../js/judge.js';

test('an empty board is a draw, and a fork is won', () => {
  assert.equal(outcome(EMPTY), 0);
  assert.equal(outcome('XX.OO....'), 1);
  assert.equal(outcome('X...O...X'), 0);
  assert.equal(outcome('X.X.....O'), -1);
});

test('a closed line is its cells, two lines all five', () => {
  assert.deepEqual(closedLine('XXX.OO...'), [0, 1, 2]);
  assert.deepEqual(closedLine('XXXX..X..'), [0, 1, 2, 3, 6]);
  assert.deepEqual(closedLine('XOX......'), []);
});

test('each move is judged by what it left to its player', () => {
  const moves = judge([4, 1, 0, 8, 3, 5, 6]);
  assert.deepEqual(
    moves.map(({ mark, verdict }) => `${mark} ${verdict}`),
    ['X keptDraw', 'O gaveDraw', 'X keptWin', 'O lost', 'X keptWin', 'O lost', 'X keptWin'],
  );
  assert.equal(turningPoint(moves), 1);
  assert.equal(moves[6].board, 'XO.XXOX.O');
});

test('a win given away is a turning point, and a drawn game well played has none', () => {
  const given = judge([4, 1, 8, 0, 5]);
  assert.deepEqual(given.map(({ verdict }) => verdict), ['keptDraw', 'gaveDraw', 'keptWin', 'lost', 'gaveWin']);
  assert.equal(turningPoint(judge([0, 4, 8, 1, 7, 6, 2, 5, 3])), -1);
});

test('over every game there is, who gives nothing away does not lose', () => {
  let games = 0;
  /** @param {string} board @param {number[]} cells */
  const play = (board, cells) => {
    if (closedLine(board).length || cells.length === 9) {
      games++;
      const moves = judge(cells);
      const winner = closedLine(board).length ? markAt(cells.length - 1) : '';
      const loser = winner === 'X' ? 'O' : 'X';
      const erred = moves.some(({ mark, verdict }) => mark === loser && verdict.startsWith('gave'));
      if (winner) assert.ok(erred, `${cells} was lost without a mistake`);
      return;
    }
    for (let cell = 0; cell < 9; cell++) if (board[cell] === '.') play(put(board, cell, markAt(cells.length)), [...cells, cell]);
  };
  play(EMPTY, []);
  assert.equal(games, 255168);
});
