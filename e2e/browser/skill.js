// A person who plays as well as can be, by the same judgement that replays are judged by.
import { expect } from '@playwright/test';
import { markAt, outcome, put } from '../../web/ui/js/judge.js';

const marksOn = (board) => [...board].filter((mark) => mark !== '.').length;

/** The cells that keep what can be had. @param {string} board */
export function bestCells(board) {
  const mark = markAt(marksOn(board));
  const worth = [...board].flatMap((other, cell) => (other === '.' ? [[cell, -outcome(put(board, cell, mark))]] : []));
  const best = Math.max(...worth.map(([, value]) => value));
  return worth.filter(([, value]) => value === best).map(([cell]) => cell);
}

/** Plays the round on the screen to its end. @param {import('./player.js').Player} player @returns {Promise<string>} how it ended */
export async function playWell(player) {
  for (let marks = 0; ; ) {
    let seen = await player.look();
    await expect(async () => {
      seen = await player.look();
      expect(seen.pending).toEqual([]);
      expect(seen.sentence).toMatch(/^Your turn$| won$|^A draw$/);
      expect(marksOn(seen.board)).toBeGreaterThanOrEqual(marks);
    }).toPass();
    if (seen.sentence !== 'Your turn') return seen.sentence;
    marks = marksOn(seen.board) + 1;
    await player.press(bestCells(seen.board)[0]);
  }
}
