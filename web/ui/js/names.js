// What players are called: a person by name, the computer as such, and whoever asked to be forgotten by no name.
import { say } from './text.js';

/** @typedef {{name: string, computer?: string}} Named */

/** @param {Named | null | undefined} player */
export function called(player) {
  if (!player) return '';
  return player.computer ? say('computer') : player.name || say('nameless');
}

/** With the level of a computer. @param {Named | null | undefined} player */
export function calledInFull(player) {
  return player?.computer ? say('computerAt', { level: say(`level_${player.computer}`) }) : called(player);
}
