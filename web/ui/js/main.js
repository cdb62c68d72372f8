// Wires it all: the address to a screen, forms and board to commands, the state to the page.
import { announce } from './announce.js';
import { ApiError, openApi } from './api.js';
import { buildBoard } from './board.js';
import { at, setAttribute, setText } from './dom.js';
import { afterLook, codeIn, straightIn } from './entrance.js';
import { fillName, twoStep, wireForms } from './forms.js';
import { wireBoard } from './input.js';
import { render } from './render.js';
import { openSeats } from './seats.js';
import { Session } from './session.js';
import { wireShare } from './share.js';
import { FLICKER_MS, mySeat, presence } from './state.js';
import { language, say } from './text.js';

/** @typedef {import('./render.js').Page} Page */
/** @typedef {import('./types.js').Game} Game */
/** @typedef {import('./types.js').Seat} Seat */
/** @typedef {import('./types.js').View} View */

const now = () => Date.now();
const api = openApi((...request) => fetch(...request));
const seats = openSeats(() => sessionStorage, () => localStorage, now);

/** @type {Page} */
let page = { screen: 'loading', code: '', view: null, mine: [], why: '', waitUntil: 0 };
/** @type {Session | null} */
let session = null;
/** Each arrival at an address makes what earlier ones still wait for void. */
let visit = 0;

const draw = () => render(page, session?.game ?? null, now());

/** @param {Partial<Page>} change */
function turn(change) {
  page = { ...page, ...change };
  draw();
}

/** @type {string[]} */
let unsaid = [];
/** Words that come at once are said as one: a live region that changes twice in a moment is read once. @param {string} words */
function tell(words) {
  if (!words) return;
  if (!unsaid.length) {
    setTimeout(() => {
      // The same words as last time would be no change, and so not be read.
      const text = unsaid.join(' ');
      setText(at('live'), at('live').textContent === text ? `${text}\u00a0` : text);
      unsaid = [];
    }, 50);
  }
  unsaid.push(words);
}

async function arrive() {
  const mine = ++visit;
  session?.stop();
  session = null;
  const path = /^\/game\/([^/]*)\/?$/.exec(location.pathname);
  if (!path) return turn({ screen: 'start', code: '', view: null, mine: [], why: '' });
  const code = codeIn(location.pathname);
  turn({ screen: 'loading', code, view: null, mine: [], why: '' });
  if (!code) return turn({ screen: 'closed', why: 'not_found' });

  const entrance = straightIn(seats, code) ?? (served404() ? missing(code, mine) : await look(code, mine));
  if (!entrance || mine !== visit) return;
  if (entrance.screen === 'game') {
    if (entrance.seat) seats.take(code, entrance.seat);
    return play(code, entrance.seat);
  }
  turn(entrance);
}

/** @param {string} code @param {number} mine */
async function look(code, mine) {
  try {
    return afterLook(seats, await api.look(code));
  } catch (error) {
    const { code: why, wait } = error instanceof ApiError ? error : new ApiError('other');
    if (why === 'game_not_found') return missing(code, mine);
    if (mine === visit) turn({ screen: 'trouble', why, waitUntil: wait && now() + wait * 1000 });
    return null;
  }
}

/** There is no such room (any more). @param {string} code @param {number} mine @returns {null} */
function missing(code, mine) {
  seats.forgetRoom(code);
  if (mine === visit) turn({ screen: 'closed', why: 'not_found' });
  return null;
}

/** The page came with the status of its room: of one that is not there, nothing more need be asked. */
function served404() {
  const [load] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));
  return visit === 1 && load?.responseStatus === 404;
}

/** @param {string} code @param {Seat | null} seat */
function play(code, seat) {
  session?.stop();
  const url = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws/${code}`;
  toldPresence = '';
  session = new Session(
    { code, url, seat: seat?.seat, seen: seats.seen(code) },
    {
      change: changed,
      seatLost: () => {
        // The seat was freed while we were away. The room may still have one, or something to watch.
        if (seat) seats.forget(code, seat.seat);
        arrive();
      },
    },
    {
      WebSocket,
      now,
      random: Math.random,
      setTimeout: (run, ms) => setTimeout(run, ms),
      clearTimeout: (timer) => clearTimeout(timer),
      visible: () => document.visibilityState === 'visible',
    },
  );
  turn({ screen: 'game', code });
  session.start();
}

/** @param {Game} game @param {Game} before */
function changed(game, before) {
  if (page.screen !== 'game') return;
  if (game.closed) {
    seats.forgetRoom(game.code);
    session?.stop();
    const why = game.leaving ? 'left' : game.closed;
    turn({ screen: 'closed', why });
    return tell(say(`closed_${why}`));
  }
  // Marks that were there before we came are simply there; only new ones are drawn as one watches.
  setAttribute(at('board'), 'data-still', !before.view && !!game.view && game.view.ply > 0);
  if (before.view?.guest && !game.view?.guest) toldPresence = '';
  if (game.view && game.view !== before.view) remember(game, game.view);
  draw();
  tell(announce(before, game));
  setTimeout(tick, FLICKER_MS + 50);
}

/** Views do not say what was played last, so that a refresh needs the board as it was. @param {Game} game @param {View} view */
function remember({ code, last }, { round, ply, board }) {
  seats.setSeen(code, { round, ply, board, last });
}

/** What was last said of the opponent who is there now. @type {string} */
let toldPresence = '';
/** Absence counts down and is debounced by the clock, not by messages. */
function tick() {
  if (page.screen === 'trouble') draw();
  const game = session?.game;
  const seat = game && mySeat(game);
  if (!game?.view || page.screen !== 'game') return;
  draw();
  const rival = seat === 'host' ? 'guest' : 'host';
  const player = seat && game.view[rival];
  const state = player ? presence(game, rival, now()) : '';
  if (player && toldPresence && state !== toldPresence) {
    tell(say(state === 'away' ? 'saidAway' : 'saidHere', { name: player.name }));
  }
  toldPresence = state;
}

/** @param {string} path */
function go(path) {
  // Within the page: nothing is loaded again, and a seat survives even where nothing can be stored.
  if (path !== location.pathname) history.pushState(null, '', path);
  return arrive();
}

/** @param {import('./api.js').Admission} admission @param {string} name */
function admitted({ code, seat, you }, name) {
  seats.setName(name);
  fillName(name);
  seats.take(code, { seat, you, name });
  return go(`/game/${code}`);
}

function wire() {
  document.documentElement.lang = language;
  at('description').setAttribute('content', say('description'));
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-text]')))
    setText(element, say(element.dataset.text ?? ''));
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-label]')))
    element.setAttribute('aria-label', say(element.dataset.label ?? ''));
  buildBoard(at('demo'), false);
  buildBoard(at('board'), true);
  wireBoard(at('board'), (cell) => session?.press(cell));
  wireShare(tell);

  wireForms(
    {
      tell,
      create: async (name) => admitted(await api.create(name), name),
      enter: async (code, name) => {
        const view = await api.look(code);
        const free = view.phase === 'waiting' && seats.ofRoom(code).length === 0;
        if (name && free) await admitted(await api.join(code, name), name);
        else await go(`/game/${code}`);
      },
      join: async (name) => {
        try {
          await admitted(await api.join(page.code, name), name);
        } catch (error) {
          // Somebody was quicker, or the host has gone: then the room looks different now.
          if (error instanceof ApiError && /^game_/.test(error.code)) return arrive();
          throw error;
        }
      },
    },
    seats.name(),
  );

  at('rematch').addEventListener('click', () => {
    if (at('rematch').getAttribute('aria-disabled') !== 'true') session?.rematch();
  });
  twoStep(at('resign'), 'resign', 'resignSure', () => session?.resign());
  for (const id of ['leave', 'wait-leave']) twoStep(at(id), 'leave', 'leaveSure', () => session?.leave());
  at('watch').addEventListener('click', () => {
    seats.watch(page.code, true);
    play(page.code, null);
  });
  at('mine').addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('[data-continue]') : null;
    const seat = button instanceof HTMLElement && page.mine[Number(button.dataset.continue)];
    if (!seat) return;
    seats.take(page.code, seat);
    play(page.code, seat);
  });
  at('bar-again').addEventListener('click', () => session?.wake());
  at('look-again').addEventListener('click', arrive);

  for (const id of ['home', 'own-game', 'elsewhere', 'stop-watching']) {
    at(id).addEventListener('click', (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (id === 'stop-watching') seats.watch(page.code, false);
      go('/');
    });
  }

  addEventListener('popstate', arrive);
  addEventListener('online', () => session?.wake());
  // Losing the network is not believed, but asked about: a server on this machine is still there.
  addEventListener('offline', () => session?.wake());
  addEventListener('pageshow', (event) => event.persisted && session?.wake());
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && session?.wake());
  setInterval(tick, 1000);
}

wire();
arrive();
