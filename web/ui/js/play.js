// The screen of a round: players, whose turn it is, the board, and what can be done.
import { byResignation, standing } from './announce.js';
import { drawBoard, drawGlyph } from './board.js';
import { at, one, setAttribute, setSentence, setText, show } from './dom.js';
import { backIn, canPress, me, mySeat, myTurn, opponent, presence, shown } from './state.js';
import { clock, count, reason, say } from './text.js';

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

  renderNote(game, view, now);
  renderActions(game, view);
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
  setText(one(card, '.name'), player.name);
  setText(one(card, '.sub'), mine ? say('you') : presenceWords(game, who, state, now));
  setText(one(card, '.n'), String(player.wins));
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
  const [resigned, values] = byResignation(game);
  setAttribute(note, 'data-kind', game.refusal ? 'refusal' : '');
  if (game.refusal) setSentence(note, reason('refused', game.refusal));
  else if (away) setSentence(note, 'awayNote', { name: rival.name, time: clock(seconds) });
  else if (view.phase === 'over' && rival?.rematch && !me(game)?.rematch) setSentence(note, 'rematchAsked', { name: rival.name });
  else if (resigned) setSentence(note, resigned, values);
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
  show(at('stop-watching'), !seated);

  const facts = [say('roundLine', { round: view.round })];
  if (view.draws > 0) facts.push(count('draws', view.draws));
  if (view.watching > 0) facts.push(count('watching', view.watching));
  setText(at('facts'), facts.join(' · '));
}

/** What the tab's title says. @param {Game} game */
export function titleOf(game) {
  const [key, values] = standing(game);
  return key ? `${say(key, values)} · ${say('title')}` : say('title');
}

