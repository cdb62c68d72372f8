// What a screen reader says, and when: each move, turn, end and arrival once, in words. It is worked out from what
// changed between two states, so it does not depend on how often the page is rendered.
import { called } from './names.js';
import { gestureName, gestureOf } from './reactions.js';
import { me, mySeat, myTurn, opponent, playerOf } from './state.js';
import { count, reason, say } from './text.js';

/** @typedef {import('./types.js').Game} Game */

/** The sentence that also stands on the page: whose turn, or how it ended. @param {Game} game @returns {[string, Record<string, string>]} */
export function standing(game) {
  const { view } = game;
  if (!view || view.phase === 'waiting') return ['', {}];
  if (view.phase === 'playing') {
    return myTurn(game) ? ['yourTurn', {}] : ['theirTurn', { name: called(playerOf(view, view.turn)) }];
  }
  if (!view.winner) return ['draw', {}];
  const winner = playerOf(view, view.winner);
  return winner && winner === me(game) ? ['youWon', {}] : ['theyWon', { name: called(winner) }];
}

/** What ended the round, if the board does not show it. @param {Game} game @returns {[string, Record<string, string>]} */
export function howEnded(game) {
  const { view } = game;
  if (view?.phase !== 'over' || !(view.ended === 'resign' || view.ended === 'clock')) return ['', {}];
  const loser = playerOf(view, view.winner === 'X' ? 'O' : 'X');
  const mine = loser && loser === me(game);
  const name = called(loser);
  if (view.ended === 'clock') return mine ? ['byClockOfYou', {}] : ['byClock', { name }];
  return mine ? ['byResignOfYou', {}] : ['byResign', { name }];
}

/** @param {Game} before @param {Game} game @returns {string} empty: nothing to say */
export function announce(before, game) {
  /** @type {string[]} */
  const said = [];
  if (game.link !== before.link) {
    if (game.link === 'lost' && before.link === 'open') said.push(say('lost'));
    if (game.link === 'open' && before.link === 'lost') said.push(say('back'));
    if (game.link === 'broken') said.push(say('broken'));
  }
  if (game.refusal && game.refusal !== before.refusal) said.push(reason('refused', game.refusal));
  if (game.view && game.view !== before.view) said.push(...changes(before, game, game.view));
  if (game.view && game.gestures !== before.gestures) said.push(...gestures(before, game, game.view));
  return said.join(' ');
}

/** @param {Game} before @param {Game} game @param {import('./types.js').View} view */
function changes(before, game, view) {
  const old = before.view;
  /** @type {string[]} */
  const said = [];
  const rival = opponent(game);
  if (old?.guest && !view.guest) {
    const head = say(game.parted ? 'leftHead' : 'leftHeadUnknown', { name: game.parted });
    return [say('saidLeft', { head, lead: say('leftLead') })];
  }
  if (old && !old.guest && rival && mySeat(game) === 'host') said.push(say('saidJoined', { name: called(rival) }));

  const sameRound = old?.round === view.round;
  if (!sameRound && view.phase === 'playing') {
    const mark = me(game)?.mark;
    const values = { round: String(view.round), mark: mark ?? '' };
    said.push(say(mark ? 'saidRound' : 'saidRoundWatched', values));
    if (view.turn_seconds) said.push(count('saidClock', view.turn_seconds));
  }
  if (old && sameRound) said.push(...moves(game, old.board, view));
  const moved = !sameRound || old.ply !== view.ply || old.phase !== view.phase;
  if (moved) {
    const [ended, loser] = howEnded(game);
    if (ended) said.push(say(ended, loser));
    const [key, values] = standing(game);
    if (key) said.push(say('saidStanding', { standing: say(key, values) }));
  }
  const asks = rival?.rematch && view.phase === 'over';
  const asked = old?.phase === 'over' && sameRound && opponent(before)?.rematch;
  if (asks && !asked) said.push(say('rematchAsked', { name: called(rival) }));
  return said;
}

/** @param {Game} game @param {string} old @param {import('./types.js').View} view */
function moves(game, old, view) {
  return [...view.board].flatMap((mark, cell) => {
    if (mark === '.' || old[cell] === mark) return [];
    const player = playerOf(view, mark);
    const key = player && player === me(game) ? 'saidMyMove' : 'saidMove';
    return [say(key, { name: called(player), mark, cell: say(`cell${cell}`) })];
  });
}

/** A gesture is told; more of them, while that one is still seen, are not. @param {Game} before @param {Game} game @param {import('./types.js').View} view */
function gestures(before, game, view) {
  return /** @type {const} */ (['host', 'guest']).flatMap((seat) => {
    const made = game.gestures[seat];
    if (!made || made === before.gestures[seat] || gestureOf(before, seat, made.at)) return [];
    const gesture = say(`gesture_${gestureName(made.emoji)}`);
    return [seat === mySeat(game) ? say('saidMyGesture', { gesture }) : say('saidGesture', { name: called(view[seat]), gesture })];
  });
}
