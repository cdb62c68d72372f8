import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../js/api.js';
import { patiently } from '../js/archive.js';
import { resultOf } from '../js/replay.js';
import { advance, beginSteps, position, stepByKey, stepTo, togglePlaying, verdictKey } from '../js/steps.js';

const CELLS = [4, 1, 0, 8, 3, 5, 6];

test('a replay opens at the end and keeps within the round', () => {
  const steps = beginSteps(CELLS);
  assert.equal(steps.at, 7);
  assert.deepEqual(position(steps), { board: 'XO.XXOX.O', last: 6, line: [0, 3, 6] });
  assert.equal(stepTo(steps, 9).at, 7);
  assert.equal(stepTo(steps, -1).at, 0);
  assert.deepEqual(position(stepTo(steps, 0)), { board: '.........', last: -1, line: [] });
  assert.deepEqual(position(stepTo(steps, 2)), { board: '.O..X....', last: 1, line: [] });
});

test('keys step, and others do nothing', () => {
  const steps = stepTo(beginSteps(CELLS), 3);
  assert.equal(stepByKey(steps, 'ArrowLeft').at, 2);
  assert.equal(stepByKey(steps, 'ArrowRight').at, 4);
  assert.equal(stepByKey(steps, 'Home').at, 0);
  assert.equal(stepByKey(steps, 'End').at, 7);
  assert.equal(stepByKey(steps, 'ArrowUp'), steps);
});

test('playing goes on to the end, from the end anew, and a step by hand ends it', () => {
  let steps = togglePlaying(beginSteps(CELLS));
  assert.deepEqual([steps.at, steps.playing], [0, true]);
  for (let move = 1; move < 7; move++) steps = advance(steps);
  assert.deepEqual([steps.at, steps.playing], [6, true]);
  assert.equal(togglePlaying(steps).playing, false);
  assert.equal(stepTo(steps, 2).playing, false);
  steps = advance(steps);
  assert.deepEqual([steps.at, steps.playing], [7, false]);
  assert.equal(togglePlaying(beginSteps([])).playing, false, 'nothing to play');
});

test('the move that wins is said to win', () => {
  const keys = beginSteps(CELLS).moves.map(verdictKey);
  assert.deepEqual(keys, ['keptDraw', 'gaveDraw', 'keptWin', 'lost', 'keptWin', 'lost', 'wins'].map((key) => `verdict_${key}`));
});

test('each way in which a round ends has its words', () => {
  const round = { host: { name: 'Ann', mark: 'O' }, guest: { name: '', mark: 'X' }, winner: '', ended: 'draw' };
  assert.deepEqual(resultOf(round), ['draw', {}]);
  assert.deepEqual(resultOf({ ...round, ended: 'resign', winner: 'O', by: 'guest' }), ['theyWon', { name: 'Ann' }]);
  assert.deepEqual(resultOf({ ...round, ended: 'left', by: 'guest' }), ['wentAway', { name: 'Somebody' }]);
  assert.deepEqual(resultOf({ ...round, ended: 'expired' }), ['brokenOff', {}]);
});

test('what is not there is asked for again, what fails otherwise is not', async () => {
  const slept = [];
  const sleep = async (ms) => slept.push(ms);
  let times = 0;
  const late = async () => {
    if (++times < 3) throw new ApiError('not_found');
    return 'there';
  };
  assert.equal(await patiently(late, [0, 500, 1000], sleep), 'there');
  assert.deepEqual(slept, [500, 1000]);
  times = -9;
  await assert.rejects(patiently(late, [0, 500], sleep), { code: 'not_found' });
  await assert.rejects(patiently(async () => { throw new ApiError('unavailable'); }, [0, 500], sleep), { code: 'unavailable' }); // prettier-ignore
  assert.equal(slept.length, 3);
});
