// The pages besides the game: each is loaded when it is first asked for, so that whoever only plays does not pay for it.

/** @typedef {Exclude<import('./route.js').Place, 'start' | 'game'>} ExtraPlace */

/**
 * What such a page has to work with.
 * @typedef {object} Around
 * @property {string} id                         what the address names, if it names something
 * @property {import('./api.js').Ask} ask
 * @property {import('./seats.js').Seats} seats
 * @property {(words: string) => void} tell      to the live region
 * @property {(path: string) => unknown} go
 * @property {(title: string) => void} titled    the page is about something else now
 * @property {(name: string) => void} named      for the forms
 * @property {boolean} missing                   it came with 404: what it is about is not there, or not yet
 */

/**
 * It shows itself below a root that is its own, and has got all it needs, when `open` returns; where it cannot get that,
 * it throws an ApiError.
 * @typedef {{title: string, stop: () => void}} Extra
 */

/** @type {Record<ExtraPlace, () => Promise<{open: (root: HTMLElement, around: Around) => Promise<Extra>}>>} */
const PAGES = {
  replay: () => import('./replay.js'),
  player: () => import('./profile.js'),
  me: () => import('./profile.js'),
  leaderboard: () => import('./leaderboard.js'),
  handoff: () => import('./handoff.js'),
};

/** @param {ExtraPlace} place @param {HTMLElement} root @param {Around} around @returns {Promise<Extra>} */
export async function loadExtra(place, root, around) {
  const { open } = await PAGES[place]();
  return open(root, around);
}
