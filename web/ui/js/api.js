// What is asked over HTTP, and how it fails; here the rooms, in archive.js what has been.

export class ApiError extends Error {
  /**
   * @param {string} code  the problem's `code`, or `network` if there was no answer
   * @param {number} [wait]  how many seconds the server asks us to wait, 0 if it does not say
   */
  constructor(code, wait = 0) {
    super(code);
    this.code = code;
    this.wait = wait;
  }
}

/** @typedef {{code: string, seat: string, you: import('./types.js').Seated}} Admission */

const PATIENCE_MS = 10_000;

/** @typedef {(path: string, body?: object, method?: string) => Promise<any>} Ask */

/** @param {typeof fetch} fetch @returns {Ask} */
export function asker(fetch) {
  return async (path, body, method = body ? 'POST' : 'GET') => {
    const gone = new AbortController();
    const timer = setTimeout(() => gone.abort(), PATIENCE_MS);
    try {
      const response = await fetch(path, {
        method,
        headers: body ? { 'Content-Type': 'application/json' } : {},
        body: body ? JSON.stringify(body) : undefined,
        cache: 'no-store',
        signal: gone.signal,
      });
      const answer = await response.json().catch(() => ({}));
      if (response.ok) return answer;
      const wait = Number(response.headers.get('Retry-After')) || 0;
      throw new ApiError(typeof answer.code === 'string' ? answer.code : 'unavailable', wait);
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError('network');
    } finally {
      clearTimeout(timer);
    }
  };
}

/** What a new room may have besides a host. @typedef {{opponent?: string, turn_seconds?: number}} Wishes */

/** @param {Ask} ask */
export function openApi(ask) {
  return {
    /** @param {string} name @param {Wishes} [wishes] @returns {Promise<Admission>} */
    create: (name, wishes = {}) => ask('/api/games', { name, ...wishes }),
    /** Quick match. @param {string} name @returns {Promise<Admission>} */
    match: (name) => ask('/api/match', { name }),
    /** @param {string} code @param {string} name @returns {Promise<Admission>} */
    join: (code, name) => ask(`/api/games/${code}/join`, { name }),
    /** @param {string} code @returns {Promise<import('./types.js').View>} */
    look: (code) => ask(`/api/games/${code}`),
  };
}
