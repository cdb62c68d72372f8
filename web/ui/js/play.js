// The screen of a round: players, whose turn it is, the board, and what can be done.
import { howEnded, standing } from './announce.js';
import { drawBoard, drawGlyph } from './board.js';
import { at, one, setAttribute, setSentence, setText, show } from './dom.js';
import { renderGestures } from './gestures.js';
import { called } from './names.js';
import { gestureOf } from './reactions.js';
import { backIn, canPress, me, mySeat, myTurn, opponent, presence, shown } from './state.js';
import { clock, count, reason, say } from './text.js';
import { LOW_MS, timeLeft } from './timer.js';

/** @typedef {import('./types.js').Game} Game */
/** @typedef {import('./types.js').View} View */
/** @typedef {import('./types.js').Seated} Seated */

/** @param {Game} game @param {View} view @param {number} now */
export function renderPlay(game, view, now) {
  const seat = mySeat(game);
  /** @type {Seated[]} */
  const order = seat === 'guest' ? ['guest', 'host'] : ['host', 'guest'];
  order.forEach((who, place) => renderPlayer(at(`player-${place}`), game, view, who, now));

  const [key, values] = standing(game);
  setSentence(at('turn'), key, values);
  setAttribute(at('turn'), 'data-ink', view.phase === 'playing' ? view.turn : view.winner);
  setAttribute(at('turn'), 'data-turn', view.phase === 'over' ? 'over' : myTurn(game) ? 'mine' : 'theirs');

  drawBoard(at('board'), {
    board: shown(game),
    last: view.phase === 'playing' || !view.line.length ? game.last : -1,
    pending: game.pending?.cell ?? -1,
    line: view.line,
    winner: view.winner,
    ink: myTurn(game) && !game.pending ? view.turn : '',
    key: String(view.round),
    open: (cell) => canPress(game, cell),
  });

  renderClock(game, view, now);
  renderNote(game, view, now);
  renderActions(game, view);
  renderGestures(game, now);
}

/**
 * The time of whoever is to move, in figures and by the line under their name, which is shorter at each second. Until the
 * next one the style sheet draws it out.
 * @param {Game} game @param {View} view @param {number} now
 */
function renderClock(game, view, now) {
  const left = timeLeft(game, now);
  const seconds = Math.ceil(left / 1000);
  show(at('clock'), left >= 0);
  setAttribute(at('top'), 'data-clock', left >= 0);
  if (left < 0) return;
  setText(at('clock-left'), clock(seconds));
  setAttribute(at('clock'), 'data-ink', view.turn);
  setAttribute(at('clock'), 'data-low', left <= LOW_MS);
  const line = String(Math.max(0, seconds - 1) / (view.turn_seconds ?? 1));
  if (at('top').style.getPropertyValue('--left') !== line) at('top').style.setProperty('--left', line);
}

/** @param {HTMLElement} card @param {Game} game @param {View} view @param {Seated} who @param {number} now */
function renderPlayer(card, game, view, who, now) {
  const player = view[who];
  if (!player) return;
  const mine = who === mySeat(game);
  const state = mine ? 'here' : presence(game, who, now);
  setAttribute(card, 'data-ink', player.mark);
  setAttribute(card, 'data-seat', who);
  setAttribute(card, 'data-you', mine);
  setAttribute(card, 'data-turn', view.phase === 'playing' && view.turn === player.mark);
  setAttribute(card, 'data-won', view.phase === 'over' && view.winner === player.mark);
  setAttribute(card, 'data-presence', state);
  drawGlyph(one(card, '.glyph'), player.mark);
  setText(one(card, '.name'), called(player));
  setText(one(card, '.sub'), mine ? say('you') : player.computer ? say(`level_${player.computer}`) : presenceWords(game, who, state, now));
  renderGesture(one(card, '.gesture'), gestureOf(game, who, now), game.gestures[who]?.at ?? 0);
  setText(one(card, '.n'), String(player.wins));
}

/** Another one, even of the same kind, comes up anew. @param {HTMLElement} place @param {string} emoji @param {number} when */
function renderGesture(place, emoji, when) {
  const key = emoji && String(when);
  if ((place.dataset.when ?? '') === key) return;
  place.dataset.when = key;
  const shown = document.createElement('span');
  shown.textContent = emoji;
  place.replaceChildren(...(emoji ? [shown] : []));
}

/** @param {Game} game @param {Seated} who @param {import('./types.js').Presence} state @param {number} now */
function presenceWords(game, who, state, now) {
  const seconds = backIn(game, who, now);
  return state === 'away' && seconds >= 0 ? say('awayFor', { time: clock(seconds) }) : say(state);
}

/** One line for what wants saying beside the turn: the most urgent of it. @param {Game} game @param {View} view @param {number} now */
function renderNote(game, view, now) {
  const note = at('note');
  const rival = opponent(game);
  const rivalSeat = mySeat(game) === 'host' ? 'guest' : 'host';
  const seconds = backIn(game, rivalSeat, now);
  const away = rival && presence(game, rivalSeat, now) === 'away' && seconds >= 0;
  const [ended, values] = howEnded(game);
  setAttribute(note, 'data-kind', game.refusal ? 'refusal' : '');
  if (game.refusal) setSentence(note, reason('refused', game.refusal));
  else if (away) setSentence(note, 'awayNote', { name: called(rival), time: clock(seconds) });
  else if (view.phase === 'over' && rival?.rematch && !me(game)?.rematch) setSentence(note, 'rematchAsked', { name: called(rival) });
  else if (ended) setSentence(note, ended, values);
  else setSentence(note, mySeat(game) ? '' : 'watchingAs');
}

/** @param {Game} game @param {View} view */
function renderActions(game, view) {
  const seated = mySeat(game) !== null;
  const over = view.phase === 'over';
  const rival = opponent(game);
  const asked = me(game)?.rematch || game.asking === view.round;
  const rematch = at('rematch');
  show(rematch, seated && over);
  if (asked) setSentence(rematch, 'rematchWaiting');
  else setSentence(rematch, rival?.rematch ? 'rematchAccept' : 'rematch');
  setAttribute(rematch, 'aria-disabled', asked ? 'true' : 'false');
  setAttribute(rematch, 'data-asked', !!rival?.rematch && !asked);
  setAttribute(at('play'), 'data-ink', me(game)?.mark ?? '');
  show(at('resign'), seated && view.phase === 'playing');
  show(at('leave'), seated && over);
  show(at('replay'), over && !!view.round_id);
  setAttribute(at('replay'), 'href', `/replay/${view.round_id ?? ''}`);
  show(at('stop-watching'), !seated);

  const facts = [say('roundLine', { round: view.round })];
  if (view.rated) facts.push(say('rated'));
  if (view.turn_seconds) facts.push(say('perMove', { seconds: view.turn_seconds }));
  if (view.draws > 0) facts.push(count('draws', view.draws));
  if (view.watching > 0) facts.push(count('watching', view.watching));
  setText(at('facts'), facts.join(' · '));
}

/** What the tab's title says. @param {Game} game */
export function titleOf(game) {
  const [key, values] = standing(game);
  return key ? `${say(key, values)} · ${say('title')}` : say('title');
}

