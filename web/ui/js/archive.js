// What is asked over HTTP about players and finished rounds.
import { ApiError } from './api.js';

/** @typedef {import('./types.js').Mark} Mark */
/** @typedef {import('./types.js').Seated} Seated */

/** @typedef {{id: string, name: string, played: number, won: number, lost: number, drawn: number, abandoned: number,
 *   streak: number, best_streak: number, rating?: number, rating_deviation?: number}} PlayerStats */

/** Somebody who played: without an id where there is no identity. @typedef {{id?: string, name: string, computer?: string}} Somebody */

/** @typedef {'won' | 'lost' | 'drawn' | 'abandoned'} Result */
/** @typedef {'line' | 'draw' | 'resign' | 'left' | 'clock' | 'expired'} Ending */

/** @typedef {{id: string, opponent: Somebody, mark: Mark, result: Result, ended: Ending, moves: number, rated: boolean,
 *   finished: string, replay: string}} PlayedGame */

/** @typedef {{games: PlayedGame[], next?: string}} GamesPage */

/** @typedef {{id: string, round: number, host: Somebody & {mark: Mark}, guest: Somebody & {mark: Mark}, began: string,
 *   finished: string, moves: {cell: number, at_ms: number}[], board: string, ended: Ending, winner: Mark | '', line: number[],
 *   by?: Seated, rated: boolean}} Round */

/** @typedef {{rank: number, id: string, name: string, rating: number, rating_deviation: number, played: number}} Leader */

/** @param {import('./api.js').Ask} ask */
export function openArchive(ask) {
  return {
    /** @returns {Promise<PlayerStats>} */
    me: () => ask('/api/me'),
    /** @param {string} id @returns {Promise<PlayerStats>} */
    player: (id) => ask(`/api/players/${id}`),
    /** @param {string} id @param {string} [before] @returns {Promise<GamesPage>} */
    games: (id, before) => ask(`/api/players/${id}/games?limit=20${before ? `&before=${encodeURIComponent(before)}` : ''}`),
    /** @param {string} id @returns {Promise<Round>} */
    round: (id) => ask(`/api/rounds/${id}`),
    /** @returns {Promise<{players: Leader[]}>} */
    leaders: () => ask('/api/leaderboard?limit=50'),
    /** @returns {Promise<{token: string, link: string, expires_in_ms: number}>} */
    offer: () => ask('/api/me/handoff', {}),
    /** @param {string} token @returns {Promise<PlayerStats>} */
    take: (token) => ask('/api/handoff', { token }),
    /** @returns {Promise<unknown>} */
    forget: () => ask('/api/me', undefined, 'DELETE'),
  };
}

/**
 * Asks again for what may be there in a moment: a round is filed up to a second after its end.
 * @template T @param {() => Promise<T>} ask @param {number[]} waits  before each time, in ms
 * @param {(ms: number) => Promise<unknown>} [sleep] @returns {Promise<T>}
 */
export async function patiently(ask, waits, sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))) {
  for (const [time, ms] of waits.entries()) {
    if (ms) await sleep(ms);
    try {
      return await ask();
    } catch (error) {
      const last = time === waits.length - 1;
      if (last || !(error instanceof ApiError) || error.code !== 'not_found') throw error;
    }
  }
  throw new ApiError('not_found');
}
