// The three things asked over HTTP: create a room, join one, look at one.

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

/** @param {typeof fetch} fetch */
export function openApi(fetch) {
  /** @param {string} path @param {object} [body] */
  async function ask(path, body) {
    const gone = new AbortController();
    const timer = setTimeout(() => gone.abort(), PATIENCE_MS);
    try {
      const response = await fetch(path, {
        method: body ? 'POST' : 'GET',
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
  }

  return {
    /** @param {string} name @returns {Promise<Admission>} */
    create: (name) => ask('/api/games', { name }),
    /** @param {string} code @param {string} name @returns {Promise<Admission>} */
    join: (code, name) => ask(`/api/games/${code}/join`, { name }),
    /** @param {string} code @returns {Promise<import('./types.js').View>} */
    look: (code) => ask(`/api/games/${code}`),
  };
}
