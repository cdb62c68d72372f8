// A socket that comes back by itself. It knows the protocol's frame (hello, welcome, ping, close codes, old
// views) and nothing of the game. Everything it needs from the world is handed in, so that tests own the clock.

/** @typedef {import('./types.js').ServerMessage} ServerMessage */

/**
 * @typedef {object} Callbacks
 * @property {() => import('./types.js').ClientMessage} hello  the first message of each connection
 * @property {(link: import('./types.js').Link) => void} link
 * @property {(message: ServerMessage) => void} message
 * @property {(why: 'gone' | 'seat') => void} end  it will not come back: the room or the seat is no more
 * @property {() => boolean} busy  whether a game is on, so that silence matters
 */

/**
 * @typedef {object} World
 * @property {new (url: string) => WebSocket} WebSocket
 * @property {() => number} now
 * @property {() => number} random
 * @property {(run: () => void, ms: number) => any} setTimeout
 * @property {(timer: any) => void} clearTimeout
 */

export const FIRST_RETRY_MS = 400;
export const SLOWEST_RETRY_MS = 5_000;
const GROWTH = 1.5;
/** A server that closes with 1013 has too much to do: ten times the patience. */
const TOO_BUSY = 1013;

/** Silence, then a ping, then no answer: dead after 3 + 5 s, within the 10 s that a player may be left in doubt. */
export const PING_MS = 3_000;
export const ANSWER_MS = 5_000;
/** Nobody is playing: a ping now and then keeps the line known without waking phones. */
export const IDLE_PING_MS = 20_000;
/** The network changed or the tab woke: most likely dead, so less patience. */
export const PROBE_MS = 2_500;
/** From dialling to `welcome`. */
export const DIAL_MS = 8_000;

/**
 * Full jitter: anything between nothing and the step, so that those whom one server dropped do not return as one.
 * @param {number} tries @param {number} code @param {() => number} random
 */
export function backoff(tries, code, random) {
  const step = Math.min(SLOWEST_RETRY_MS, FIRST_RETRY_MS * GROWTH ** tries);
  return code === TOO_BUSY ? FIRST_RETRY_MS + random() * step * 10 : random() * step;
}

const BROKEN = new Set([1003, 1007, 1008, 1009]);
const GONE = 4000;
const BAD_SEAT = 4001;

export class Connection {
  /** @type {WebSocket | null} */ #socket = null;
  #welcomed = false;
  #ended = false;
  #tries = 0;
  #rev = -1;
  #dialledAt = 0;
  // One timer for what comes next (ping or dial), one for what is overdue (welcome or any answer).
  /** @type {any} */ #next = null;
  /** @type {any} */ #overdue = null;

  /** @param {string} url @param {Callbacks} on @param {World} world */
  constructor(url, on, world) {
    this.url = url;
    this.on = on;
    this.world = world;
  }

  open() {
    if (this.#ended || this.#socket) return;
    this.#clear();
    this.#rev = -1; // revisions are compared within one socket: another server's truth may be older
    this.#welcomed = false;
    this.#dialledAt = this.world.now();
    let socket;
    try {
      socket = new this.world.WebSocket(this.url);
    } catch {
      return this.#retry(1006);
    }
    this.#socket = socket;
    this.#overdue = this.world.setTimeout(() => this.#drop(), DIAL_MS);
    socket.onopen = () => socket.send(JSON.stringify(this.on.hello()));
    socket.onmessage = (event) => this.#hear(event.data);
    socket.onclose = (event) => this.#closed(event.code);
  }

  /** Sends if there is a welcomed socket; says whether it did. @param {object} message */
  send(message) {
    if (!this.#socket || !this.#welcomed || this.#socket.readyState !== 1) return false;
    this.#socket.send(JSON.stringify(message));
    this.#expectAnswer(ANSWER_MS);
    return true;
  }

  /** The network is back or the tab is seen again: no waiting, and no trust in what looks open. */
  wake() {
    if (this.#ended) return;
    if (!this.#socket) {
      this.#tries = 0;
      this.#dial();
    } else if (this.#welcomed) {
      this.#ping(PROBE_MS);
    } else if (this.world.now() - this.#dialledAt > PROBE_MS) {
      this.#detach();
      this.#dial();
    }
  }

  /** Ends it for good. */
  stop() {
    this.#ended = true;
    this.#clear();
    this.#detach();
  }

  #dial() {
    this.on.link('lost');
    this.open();
  }

  /** @param {unknown} data */
  #hear(data) {
    /** @type {ServerMessage} */
    let message;
    try {
      message = JSON.parse(String(data));
    } catch {
      return; // a newer server may say things we cannot read
    }
    this.#overdue = this.#cancel(this.#overdue);
    if (message.type === 'welcome') {
      this.#welcomed = true;
      this.#tries = 0;
    }
    if (!this.#welcomed) this.#overdue = this.world.setTimeout(() => this.#drop(), DIAL_MS);
    else this.#schedulePing();
    if (message.type === 'pong') return;
    if (message.type === 'view') {
      if (message.rev < this.#rev) return;
      this.#rev = message.rev;
    }
    if (message.type === 'welcome') this.on.link('open');
    this.on.message(message);
    // What was heard may have begun or ended a game, and with it the pace.
    if (this.#welcomed && this.#socket) this.#schedulePing();
  }

  #schedulePing() {
    this.#cancel(this.#next);
    this.#next = this.world.setTimeout(() => this.#ping(ANSWER_MS), this.on.busy() ? PING_MS : IDLE_PING_MS);
  }

  /** @param {number} patience */
  #ping(patience) {
    if (!this.#socket || this.#socket.readyState !== 1) return this.#drop();
    this.#socket.send(JSON.stringify({ type: 'ping', t: Math.round(this.world.now()) }));
    if (patience < ANSWER_MS) this.#overdue = this.#cancel(this.#overdue);
    this.#expectAnswer(patience);
  }

  /** @param {number} patience */
  #expectAnswer(patience) {
    this.#overdue ??= this.world.setTimeout(() => this.#drop(), patience);
  }

  /** A socket that does not answer may take minutes to say that it is closed: we do not wait for that. */
  #drop() {
    this.#detach();
    this.#closed(1006);
  }

  #detach() {
    const socket = this.#socket;
    this.#socket = null;
    this.#welcomed = false;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** @param {number} code */
  #closed(code) {
    this.#socket = null;
    this.#welcomed = false;
    this.#clear();
    if (this.#ended) return;
    if (code === GONE || code === BAD_SEAT) {
      this.#ended = true;
      this.on.end(code === GONE ? 'gone' : 'seat');
    } else if (BROKEN.has(code)) {
      this.on.link('broken');
    } else {
      this.#retry(code);
    }
  }

  /** @param {number} code */
  #retry(code) {
    const wait = backoff(this.#tries++, code, this.world.random);
    this.on.link('lost');
    this.#next = this.world.setTimeout(() => this.open(), wait);
  }

  #clear() {
    this.#next = this.#cancel(this.#next);
    this.#overdue = this.#cancel(this.#overdue);
  }

  /** @param {any} timer @returns {null} */
  #cancel(timer) {
    if (timer !== null) this.world.clearTimeout(timer);
    return null;
  }
}
