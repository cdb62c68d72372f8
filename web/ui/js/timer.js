// The clock of a room that has one: what is left to the player to move, between one view and the next.
import { myTurn } from './state.js';

/** @typedef {import('./types.js').Game} Game */

/** From here on one sees that there is little time. */
export const LOW_MS = 5_000;

/**
 * In milliseconds, -1 where no clock runs. While the clock stands because a server died, the server adds to the time;
 * nobody gets more than a whole turn of it, so no more is shown.
 * @param {Game} game @param {number} now
 */
export function timeLeft({ view, seenAt }, now) {
  if (view?.phase !== 'playing' || !view.turn_seconds) return -1;
  const left = (view.turn_ms ?? 0) - (now - seenAt);
  return Math.max(0, Math.min(left, view.turn_seconds * 1000));
}

/** When the number on the clock changes next, -1 if it does not. @param {Game} game @param {number} now */
export function nextBeat(game, now) {
  const left = timeLeft(game, now);
  return left > 0 ? left % 1000 || 1000 : -1;
}

/**
 * The turn of which those who listen are to be told that little time is left, once: a name for it, or empty. A turn that
 * is no longer than that is told of by the length of turns, at the beginning of a round.
 * @param {Game} game @param {number} now
 */
export function hurry(game, now) {
  const left = timeLeft(game, now);
  const { view } = game;
  if (!view || !myTurn(game) || left <= 0 || left > LOW_MS || (view.turn_seconds ?? 0) * 1000 <= LOW_MS) return '';
  return `${view.round}.${view.ply}`;
}
