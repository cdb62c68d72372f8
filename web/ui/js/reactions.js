// Gestures: which there are, who made one lately, and when one may make the next. Plain data, as in state.js; one
// that is lost on the way is not made again.
import { mySeat } from './state.js';

/** @typedef {import('./types.js').Game} Game */
/** @typedef {import('./types.js').Seated} Seated */

/** Those that the server takes, and the names under which text.js has them. */
export const EMOJIS = { clap: '👏', thumb: '👍', laugh: '😂', wow: '😮', sad: '😢', angry: '😡', think: '🤔', party: '🎉' };

/** How long one is seen. */
export const SHOWN_MS = 2_500;
/** One a second is taken; a little more, since the way there does not take the same time twice. */
export const QUIET_MS = 1_100;

/** The name of an emoji; empty for one of a newer server. @param {string} emoji */
export const gestureName = (emoji) => Object.entries(EMOJIS).find(([, known]) => known === emoji)?.[0] ?? '';

/** @param {Game} game @param {Seated} by @param {string} emoji @param {number} now @returns {Game} */
export function reacted(game, by, emoji, now) {
  if (!gestureName(emoji) || (by !== 'host' && by !== 'guest')) return game;
  return { ...game, gestures: { ...game.gestures, [by]: { emoji, at: now } } };
}

/** Those at the board may, to somebody who can see it. @param {Game} game */
export function mayReact(game) {
  const { view } = game;
  return !!view && view.phase !== 'waiting' && mySeat(game) !== null && !view.guest?.computer;
}

/** @param {Game} game @param {number} now */
export const canReact = (game, now) => mayReact(game) && game.link === 'open' && now >= game.quietUntil;

/** Nothing more for a moment: one was made just now, or was too fast. @param {Game} game @param {number} now @returns {Game} */
export const quiet = (game, now) => ({ ...game, quietUntil: now + QUIET_MS });

/** What a seat is seen to do, empty if nothing. @param {Game} game @param {Seated} seat @param {number} now */
export function gestureOf(game, seat, now) {
  const made = game.gestures[seat];
  return made && now - made.at < SHOWN_MS ? made.emoji : '';
}
