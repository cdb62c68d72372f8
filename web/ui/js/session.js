// One visit to one room: the state, the socket that feeds it, and the commands of the player. No document, so
// that a test can play through lost connections with a clock of its own.
import * as reactions from './reactions.js';
import { Connection } from './socket.js';
import * as state from './state.js';

/** @typedef {import('./types.js').Game} Game */
/** @typedef {import('./socket.js').World} World */

/** How long after the last move a game still counts as being played, and silence is looked into quickly. */
const BUSY_MS = 120_000;
/** Before a command with an unknown outcome is said again. */
const AGAIN_MS = 1_000;

export class Session {
  /** @type {Game} */ game;
  #connection;
  #touched;
  #resend = false;
  /** @type {any} */ #again = null;

  /**
   * @param {object} room
   * @param {string} room.code
   * @param {string} room.url
   * @param {string} [room.seat]  none: a spectator
   * @param {import('./types.js').Seen | null} [room.seen]  the board as this tab last saw it
   * @param {{change: (game: Game, before: Game) => void, seatLost: () => void}} on
   * @param {World & {visible: () => boolean}} world
   */
  constructor({ code, url, seat, seen }, on, world) {
    this.game = state.begin(code, seen);
    this.on = on;
    this.world = world;
    this.#touched = world.now();
    this.#connection = new Connection(
      url,
      {
        hello: () => (seat ? { type: 'hello', seat } : { type: 'hello' }),
        link: (link) => this.#become(state.linked(this.game, link)),
        message: (message) => this.#hear(message),
        end: (why) => (why === 'seat' ? on.seatLost() : this.#become(state.closedFor(this.game, 'gone'))),
        busy: () => this.#busy(),
      },
      world,
    );
  }

  start() {
    this.#connection.open();
  }

  stop() {
    this.world.clearTimeout(this.#again);
    this.#connection.stop();
  }

  wake() {
    this.#connection.wake();
  }

  /** @param {number} cell */
  press(cell) {
    const before = this.game;
    this.#become(state.pressed(before, cell));
    if (this.game !== before) this.#say();
  }

  rematch() {
    this.#become(state.asked(this.game));
    this.#say();
  }

  resign() {
    this.#become(state.resigned(this.game));
    this.#say();
  }

  leave() {
    this.#become(state.left(this.game));
    // With no line to say it on, the player still goes at once; the seat's grace does the rest.
    if (!this.#say()) this.#become(state.closedFor(this.game, 'left'));
  }

  /** @param {string} emoji */
  react(emoji) {
    const now = this.world.now();
    if (!reactions.canReact(this.game, now)) return;
    this.#become(reactions.quiet(this.game, now));
    this.#connection.send({ type: 'react', emoji });
  }

  /** @param {import('./types.js').ServerMessage} message */
  #hear(message) {
    if (message.type === 'welcome') {
      this.#resend = true;
      this.#become(state.welcomed(this.game, message.you));
    } else if (message.type === 'view') {
      if (message.ply !== this.game.view?.ply) this.#touched = this.world.now();
      this.#become(state.viewed(this.game, message, this.world.now()));
      // After a reconnect the first view tells whether what was on its way arrived; if not, it is said again.
      if (this.#resend) this.#say();
      this.#resend = false;
    } else if (message.type === 'reacted') {
      this.#become(reactions.reacted(this.game, message.by, message.emoji, this.world.now()));
    } else if (message.type === 'refused' && message.re === 'react') {
      this.#become(reactions.quiet(this.game, this.world.now()));
    } else if (message.type === 'refused') {
      this.#become(state.refused(this.game, message));
      if (state.wanted(this.game).length) this.#sayLater();
    } else if (message.type === 'closed') {
      this.#become(state.closedFor(this.game, message.reason));
    }
  }

  #say() {
    this.#touched = this.world.now();
    return state.wanted(this.game).every((message) => this.#connection.send(message));
  }

  #sayLater() {
    this.world.clearTimeout(this.#again);
    this.#again = this.world.setTimeout(() => this.#say(), AGAIN_MS * (1 + this.world.random()));
  }

  #busy() {
    const playing = this.game.view?.phase === 'playing';
    return playing && this.world.visible() && this.world.now() - this.#touched < BUSY_MS;
  }

  /** @param {Game} game */
  #become(game) {
    const before = this.game;
    if (game === before) return;
    this.game = game;
    this.on.change(game, before);
  }
}
