// Where one is in a finished round. Plain data and pure functions, as in state.js.
import { closedLine, EMPTY, judge } from './judge.js';

/** at: how many moves are on the board. @typedef {{moves: import('./judge.js').Judged[], at: number, playing: boolean}} Steps */

/** At the end, where the result is. @param {number[]} cells @returns {Steps} */
export function beginSteps(cells) {
  return { moves: judge(cells), at: cells.length, playing: false };
}

/** By hand, which ends the playing. @param {Steps} steps @param {number} at @returns {Steps} */
export function stepTo(steps, at) {
  return { ...steps, at: Math.max(0, Math.min(at, steps.moves.length)), playing: false };
}

/** From the end, playing begins anew. @param {Steps} steps @returns {Steps} */
export function togglePlaying(steps) {
  const atEnd = steps.at === steps.moves.length;
  if (steps.playing || steps.moves.length === 0) return { ...steps, playing: false };
  return { ...steps, at: atEnd ? 0 : steps.at, playing: true };
}

/** The next move by itself; after the last one there is nothing to play. @param {Steps} steps @returns {Steps} */
export function advance(steps) {
  const at = Math.min(steps.at + 1, steps.moves.length);
  return { ...steps, at, playing: at < steps.moves.length };
}

/** Where a key leads; the same steps if it leads nowhere. @param {Steps} steps @param {string} key @returns {Steps} */
export function stepByKey(steps, key) {
  const at = { ArrowLeft: steps.at - 1, ArrowRight: steps.at + 1, Home: 0, End: steps.moves.length }[key];
  return at === undefined ? steps : stepTo(steps, at);
}

/** The board as it stands, and the line on it. @param {Steps} steps */
export function position({ moves, at }) {
  const board = at > 0 ? moves[at - 1].board : EMPTY;
  return { board, last: at > 0 ? moves[at - 1].cell : -1, line: closedLine(board) };
}

/** What is said of a move: what it did, or that it won. @param {import('./judge.js').Judged} move */
export const verdictKey = ({ board, verdict }) => `verdict_${closedLine(board).length ? 'wins' : verdict}`;
