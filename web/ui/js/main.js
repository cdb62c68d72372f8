// Wires it all: the address to a screen, forms and board to commands, the state to the page.
import { ApiError, asker, openApi } from './api.js';
import { buildBoard } from './board.js';
import { at, setText } from './dom.js';
import { afterLook, codeIn, straightIn } from './entrance.js';
import { loadExtra } from './extras.js';
import { fillName, twoStep, wireForms } from './forms.js';
import { wireGestures } from './gestures.js';
import { wireBoard } from './input.js';
import { render, screenOf } from './render.js';
import { routeOf } from './route.js';
import { openSeats } from './seats.js';
import { wireShare } from './share.js';
import { openTable } from './table.js';
import { language, say } from './text.js';

/** @typedef {import('./render.js').Page} Page */
/** @typedef {import('./types.js').Seat} Seat */

const now = () => Date.now();
const ask = asker((...request) => fetch(...request));
const api = openApi(ask);
const seats = openSeats(() => sessionStorage, () => localStorage, now);

/** @type {Page} */
const nowhere = { screen: 'loading', code: '', view: null, mine: [], why: '', waitUntil: 0, title: '', place: 'start' };
let page = nowhere;
/** Each arrival at an address makes what earlier ones still wait for void. */
let visit = 0;
/** Where the last arrival was. */
let arrivedAt = '';
/** Ends what an extra page has begun. */
let leaveExtra = () => {};

const table = openTable(seats, {
  draw: () => page.screen === 'game' && draw(),
  tell,
  closed: (game, before) => {
    seats.forgetRoom(game.code);
    // Who stops looking for an opponent has left nothing.
    if (game.leaving && screenOf(page, before) === 'seeking') return void go('/');
    const why = game.leaving ? 'left' : game.closed;
    turn({ screen: 'closed', why });
    tell(say(`closed_${why}`));
  },
  seatLost: (code, seat) => {
    // The seat was freed while we were away. The room may still have one, or something to watch.
    if (seat) seats.forget(code, seat.seat);
    arrive();
  },
});

function draw() {
  render(page, table.game, now());
}

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

/** The skip link leads elsewhere in a page; only of a hand-off what stands behind the # is what it is about. */
const here = () => location.pathname + (routeOf(location.pathname).place === 'handoff' ? location.hash : '');

async function arrive() {
  const mine = ++visit;
  table.rise();
  leaveExtra();
  leaveExtra = () => {};
  arrivedAt = here();
  const { place, id } = routeOf(location.pathname);
  if (place === 'start') return turn({ ...nowhere, screen: 'start' });
  if (place !== 'game') return arriveExtra(place, id, mine);
  const code = codeIn(location.pathname);
  turn({ ...nowhere, place, code });
  if (!code) return turn({ screen: 'closed', why: 'not_found' });

  const entrance = straightIn(seats, code) ?? (served404() ? missing(code, mine) : await look(code, mine));
  if (!entrance || mine !== visit) return;
  if (entrance.screen === 'game') {
    if (entrance.seat) seats.take(code, entrance.seat);
    return play(code, entrance.seat);
  }
  turn(entrance);
}

/** @param {import('./extras.js').ExtraPlace} place @param {string} id @param {number} mine */
async function arriveExtra(place, id, mine) {
  turn({ ...nowhere, place });
  const root = document.createElement('div');
  try {
    const titled = (/** @type {string} */ title) => mine === visit && turn({ title });
    const extra = await loadExtra(place, root, { id, ask, seats, tell, go, titled, named: fillName, missing: served404() });
    if (mine !== visit) return extra.stop();
    leaveExtra = extra.stop;
    at('extra').replaceChildren(root);
    turn({ screen: 'extra', title: extra.title });
  } catch (error) {
    const { code, wait } = error instanceof ApiError ? error : new ApiError('network');
    const why = code === 'not_found' ? `no_${place}` : code;
    if (mine === visit) turn({ screen: 'trouble', why, waitUntil: wait && now() + wait * 1000 });
  }
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

/** The page came with the status of what it is about: of what is not there, nothing more need be asked. */
function served404() {
  const [load] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType('navigation'));
  return visit === 1 && load?.responseStatus === 404;
}

/** @param {string} code @param {Seat | null} seat */
function play(code, seat) {
  const session = table.sit(code, seat);
  turn({ screen: 'game', code });
  session.start();
}

/** @param {string} path */
function go(path) {
  // Within the page: nothing is loaded again, and a seat survives even where nothing can be stored.
  if (path !== location.pathname) history.pushState(null, '', path);
  scrollTo(0, 0);
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
  wireBoard(at('board'), (cell) => table.session?.press(cell));
  wireGestures((emoji) => table.session?.react(emoji));
  wireShare(tell);
  wireForms(
    {
      tell,
      create: async (name, wishes) => admitted(await api.create(name, wishes), name),
      match: async (name) => admitted(await api.match(name), name),
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
  wireButtons();
  wireWorld();
}

function wireButtons() {
  at('rematch').addEventListener('click', () => {
    if (at('rematch').getAttribute('aria-disabled') !== 'true') table.session?.rematch();
  });
  twoStep(at('resign'), 'resign', 'resignSure', () => table.session?.resign());
  for (const id of ['leave', 'wait-leave']) twoStep(at(id), 'leave', 'leaveSure', () => table.session?.leave());
  at('seek-stop').addEventListener('click', () => table.session?.leave());
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
  at('bar-again').addEventListener('click', () => table.session?.wake());
  at('look-again').addEventListener('click', arrive);
  at('stop-watching').addEventListener('click', () => seats.watch(page.code, false));
  // A link to another page of ours loads nothing.
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element && event.target.closest('a[href^="/"]:not([target])');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.getAttribute('href') ?? '/');
  });
}

function wireWorld() {
  addEventListener('popstate', () => here() !== arrivedAt && arrive());
  addEventListener('online', () => table.session?.wake());
  // Losing the network is not believed, but asked about: a server on this machine is still there.
  addEventListener('offline', () => table.session?.wake());
  addEventListener('pageshow', (event) => event.persisted && table.session?.wake());
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && table.session?.wake());
  setInterval(() => {
    if (page.screen === 'trouble') draw();
    table.tick();
  }, 1000);
}

wire();
arrive();
