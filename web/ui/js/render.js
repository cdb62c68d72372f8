// Puts the state on the page. It may be called at any time and as often as one likes.
import { drawDemo } from './board.js';
import { at, setAttribute, setSentence, setText, show } from './dom.js';
import { calledInFull } from './names.js';
import { renderPlay, titleOf } from './play.js';
import { renderShare } from './share.js';
import { clock, count, reason, say } from './text.js';

/** @typedef {import('./types.js').Game} Game */
/** @typedef {import('./types.js').View} View */
/** @typedef {import('./types.js').Seat} Seat */

/**
 * Where the visitor is.
 * @typedef {object} Page
 * @property {'start' | 'loading' | 'invite' | 'full' | 'closed' | 'trouble' | 'game' | 'extra'} screen
 * @property {string} code
 * @property {View | null} view  the room as it was looked at from outside
 * @property {Seat[]} mine       the seats this browser has there
 * @property {string} why        why it is closed, or cannot be looked at
 * @property {number} waitUntil  before this moment the server wants to hear nothing, 0 if it did not say
 * @property {string} title      of an extra page
 * @property {import('./route.js').Place} place
 */

/** @typedef {Exclude<Page['screen'], 'game'> | 'waiting' | 'seeking' | 'play'} Screen */

/** @param {Page} page @param {Game | null} game @returns {Screen} */
export function screenOf(page, game) {
  if (page.screen !== 'game') return page.screen;
  if (!game?.view) return 'loading';
  if (game.view.phase !== 'waiting') return 'play';
  // A spectator in a room with a free seat may as well take it.
  if (game.you === 'spectator') return 'invite';
  return game.view.rated ? 'seeking' : 'waiting';
}

const PARTS = {
  loading: ['loading'],
  start: ['start', 'demo'],
  closed: ['start', 'demo'],
  invite: ['invite', 'demo'],
  full: ['full', 'demo'],
  trouble: ['trouble', 'demo'],
  waiting: ['waiting', 'qr'],
  seeking: ['seeking', 'demo'],
  play: ['top', 'board', 'play'],
  extra: ['extra'],
};
const ALL = [...new Set(Object.values(PARTS).flat())];

/** @param {Page} page @param {Game | null} game @param {number} now */
export function render(page, game, now) {
  const screen = screenOf(page, game);
  const focused = document.activeElement;
  setAttribute(document.body, 'data-screen', screen === 'extra' ? page.place : screen);
  setAttribute(document.body, 'data-paper', screen === 'extra' && page.place !== 'replay');
  for (const id of ALL) show(at(id), PARTS[screen].includes(id));
  if (PARTS[screen].includes('demo')) drawDemo(at('demo'));

  setText(at('place'), page.code && screen !== 'closed' && screen !== 'seeking' ? say('roomCode', { code: page.code }) : '');
  let title = screen === 'extra' ? `${page.title} · ${say('title')}` : say('title');
  if (screen === 'start') renderStart('startHead', 'startLead');
  if (screen === 'closed') renderStart(`closed_${page.why}`, 'closedLead');
  if (screen === 'trouble') title = renderTrouble(page, now);
  if (screen === 'invite') title = renderInvite(page, game);
  if (screen === 'full' && page.view) title = renderFull(page.view);
  if (screen === 'waiting' && game?.view) title = renderWaiting(game, game.view);
  if (screen === 'seeking' && game?.view) title = renderSeeking(game, game.view);
  if (screen === 'play' && game?.view) {
    renderPlay(game, game.view, now);
    title = titleOf(game);
  }
  if (document.title !== title) document.title = title;
  renderBar(page.screen === 'game' ? game : null);
  moveFocus(screen, focused);
}

/** @param {string} head @param {string} lead */
function renderStart(head, lead) {
  setText(at('start-head'), say(head));
  setText(at('start-lead'), say(lead));
}

/** @param {Page} page @param {number} now */
function renderTrouble({ why, waitUntil }, now) {
  const head = reason('trouble', why);
  const seconds = Math.ceil((waitUntil - now) / 1000);
  setText(at('trouble-head'), head);
  setText(at('trouble-lead'), seconds > 0 ? say('troubleWait', { time: clock(seconds) }) : reason('trouble', why, 'lead'));
  return `${head} · ${say('title')}`;
}

/** @param {Page} page @param {Game | null} game */
function renderInvite(page, game) {
  const view = game?.view ?? page.view;
  const name = view?.host.name ?? '';
  setSentence(at('invite-head'), 'inviteHead', { name });
  setSentence(at('invite-lead'), 'inviteLead', { name });
  setText(at('invite-clock'), view?.turn_seconds ? count('inviteClock', view.turn_seconds) : '');
  const list = at('mine');
  show(list, page.mine.length > 0);
  const key = page.mine.map((seat) => seat.seat).join();
  if (list.dataset.key !== key) {
    list.dataset.key = key;
    list.replaceChildren(...page.mine.map(continueButton));
  }
  return say('inviteHead', { name });
}

/** @param {Seat} seat @param {number} index */
function continueButton(seat, index) {
  const item = document.createElement('li');
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'lined';
  button.dataset.continue = String(index);
  setSentence(button, 'continueAs', { name: seat.name });
  item.append(button);
  return item;
}

/** @param {View} view */
function renderFull(view) {
  const names = { host: calledInFull(view.host), guest: calledInFull(view.guest) };
  setSentence(at('full-head'), 'fullHead', names);
  return say('fullHead', names);
}

/** @param {Game} game @param {View} view */
function renderWaiting(game, view) {
  renderShare(game.code);
  const left = whoLeft(game, view);
  setSentence(at('wait-head'), left || 'waitHead', { name: game.parted });
  setText(at('wait-lead'), say(left ? 'leftLead' : 'waitLead'));
  return `${say('roomCode', { code: game.code })} · ${say('title')}`;
}

/** @param {Game} game @param {View} view */
function renderSeeking(game, view) {
  const left = whoLeft(game, view);
  setSentence(at('seek-head'), left || 'seekHead', { name: game.parted });
  setText(at('seek-lead'), say(left ? 'seekAgain' : 'seekLead'));
  return `${say('seekHead')} · ${say('title')}`;
}

/** The words for it that there was an opponent; empty if there was none. @param {Game} game @param {View} view */
function whoLeft(game, view) {
  if (game.parted === '' && view.ended !== 'left') return '';
  return game.parted ? 'leftHead' : 'leftHeadUnknown';
}

/** @param {Game | null} game */
function renderBar(game) {
  const bar = at('bar');
  const broken = game?.link === 'broken';
  show(bar, broken || game?.link === 'lost');
  show(at('bar-again'), broken);
  if (!bar.hidden) setText(at('bar-text'), say(broken ? 'broken' : 'lost'));
  setAttribute(document.body, 'data-link', game?.link ?? '');
}

/**
 * Whoever had the focus on something that is gone now finds it at the screen's heading, or on the board.
 * @param {Screen} screen @param {Element | null} focused
 */
function moveFocus(screen, focused) {
  const lost = focused instanceof HTMLElement && focused !== document.body && focused.closest('[hidden]');
  if (!lost) return;
  const target =
    screen === 'play'
      ? document.querySelector('#board [tabindex="0"]')
      : document.querySelector(`#${screen === 'closed' ? 'start' : screen} h1`);
  if (!(target instanceof HTMLElement)) return;
  if (screen !== 'play') target.tabIndex = -1;
  target.focus({ preventScroll: true });
}
