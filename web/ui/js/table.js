// A visit to a room: its session, what is said of it aloud, and what only time changes on the screen.
import { announce } from './announce.js';
import { at, setAttribute } from './dom.js';
import { called } from './names.js';
import { SHOWN_MS } from './reactions.js';
import { Session } from './session.js';
import { FLICKER_MS, mySeat, presence } from './state.js';
import { count, say } from './text.js';
import { hurry, LOW_MS, nextBeat } from './timer.js';

/** @typedef {import('./types.js').Game} Game */
/** @typedef {import('./types.js').Seat} Seat */
/** @typedef {import('./types.js').View} View */

/**
 * @typedef {object} Callbacks
 * @property {() => void} draw
 * @property {(words: string) => void} tell                to the live region
 * @property {(game: Game, before: Game) => void} closed   the room is gone, or was left
 * @property {(code: string, seat: Seat | null) => void} seatLost
 */

/** @param {import('./seats.js').Seats} seats @param {Callbacks} on */
export function openTable(seats, on) {
  const now = () => Date.now();
  /** @type {Session | null} */ let session = null;
  /** What was last said of the opponent who is there now. @type {string} */
  let toldPresence = '';
  /** The turn of which it has been said that there is little time. @type {string} */
  let toldHurry = '';
  /** @type {any} */ let beat;

  /** @param {string} code @param {Seat | null} seat */
  function sit(code, seat) {
    rise();
    const url = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws/${code}`;
    session = new Session(
      { code, url, seat: seat?.seat, seen: seats.seen(code) },
      { change: changed, seatLost: () => on.seatLost(code, seat) },
      {
        WebSocket,
        now,
        random: Math.random,
        setTimeout: (run, ms) => setTimeout(run, ms),
        clearTimeout: (timer) => clearTimeout(timer),
        visible: () => document.visibilityState === 'visible',
      },
    );
    return session;
  }

  function rise() {
    clearTimeout(beat);
    session?.stop();
    session = null;
    toldPresence = toldHurry = '';
  }

  /** @param {Game} game @param {Game} before */
  function changed(game, before) {
    if (game.closed) {
      rise();
      return on.closed(game, before);
    }
    // Marks that were there before we came are simply there; only new ones are drawn as one watches.
    setAttribute(at('board'), 'data-still', !before.view && !!game.view && game.view.ply > 0);
    if (before.view?.guest && !game.view?.guest) toldPresence = '';
    if (game.view && game.view !== before.view) remember(game, game.view);
    on.draw();
    on.tell(announce(before, game));
    keepTime(game);
    setTimeout(tick, FLICKER_MS + 50);
    if (game.gestures !== before.gestures || game.quietUntil !== before.quietUntil) {
      for (const ms of [SHOWN_MS, game.quietUntil - now()]) setTimeout(tick, ms + 50);
    }
  }

  /** Views do not say what was played last, so that a refresh needs the board as it was. @param {Game} game @param {View} view */
  function remember({ code, last }, { round, ply, board }) {
    seats.setSeen(code, { round, ply, board, last });
  }

  /** Absence is debounced and counts down, and so does a turn, by the clock and not by messages. */
  function tick() {
    const game = session?.game;
    if (!game?.view) return;
    on.draw();
    tellPresence(game, game.view);
    tellHurry(game);
    keepTime(game);
  }

  /** The number on the clock changes when it should, not when the page happens to be drawn. @param {Game} game */
  function keepTime(game) {
    clearTimeout(beat);
    const ms = nextBeat(game, now());
    if (ms >= 0) beat = setTimeout(tick, ms + 10);
  }

  /** @param {Game} game @param {View} view */
  function tellPresence(game, view) {
    const seat = mySeat(game);
    const rival = seat === 'host' ? 'guest' : 'host';
    const player = seat && view[rival];
    const state = player ? presence(game, rival, now()) : '';
    if (player && toldPresence && state !== toldPresence) {
      on.tell(say(state === 'away' ? 'saidAway' : 'saidHere', { name: called(player) }));
    }
    toldPresence = state;
  }

  /** @param {Game} game */
  function tellHurry(game) {
    const turn = hurry(game, now());
    if (turn && turn !== toldHurry) on.tell(count('saidHurry', LOW_MS / 1000));
    toldHurry = turn || toldHurry;
  }

  return {
    get game() {
      return session?.game ?? null;
    },
    get session() {
      return session;
    },
    sit,
    rise,
    tick,
  };
}

/** @typedef {ReturnType<typeof openTable>} Table */
