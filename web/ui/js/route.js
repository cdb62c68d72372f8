// From an address to the page it names: one HTML file serves them all.

/** @typedef {'start' | 'game' | 'replay' | 'player' | 'me' | 'leaderboard' | 'handoff'} Place */

/** @typedef {{place: Place, id: string}} Route  id: as it stands in the address, empty where there is none */

/** @param {string} pathname @returns {Route} */
export function routeOf(pathname) {
  const [, place, id] = /^\/(game|replay|player)\/([^/]*)\/?$/.exec(pathname) ?? [];
  if (place) return { place: /** @type {Place} */ (place), id };
  const [, alone] = /^\/(me|leaderboard|handoff)\/?$/.exec(pathname) ?? [];
  return { place: /** @type {Place} */ (alone ?? 'start'), id: '' };
}
