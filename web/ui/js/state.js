// What the page knows of its room, and how each thing it hears or does changes that. Plain data and pure
// functions: no document, no clock of its own, no socket. Every function gives a new Game or the same one.

/** @typedef {import('./types.js').Game} Game */
/** @typedef {import('./types.js').View} View */
/** @typedef {import('./types.js').Player} Player */
/** @typedef {import('./types.js').Mark} Mark */
/** @typedef {import('./types.js').Seated} Seated */
/** @typedef {import('./types.js').ClientMessage} ClientMessage */

const EMPTY = '.........';

/** A refresh takes a player's only socket away for a moment; that is no absence worth a word. */
export const FLICKER_MS = 600;
/** Who has just joined is still dialling, on a slow line for longer than a flicker. */
const ARRIVAL_MS = 3_000;

/** @param {string} code @param {import('./types.js').Seen | null} [seen] @returns {Game} */
export function begin(code, seen = null) {
  return {
    code,
    link: 'connecting',
    you: null,
    view: null,
    seen,
    seenAt: 0,
    awaySince: { host: 0, guest: 0 },
    last: seen?.last ?? -1,
    pending: null,
    asking: 0,
    resigning: 0,
    leaving: false,
    refusal: '',
    parted: '',
    closed: '',
    gestures: { host: null, guest: null },
    quietUntil: 0,
  };
}

/** @param {Game} game @param {import('./types.js').Link} link @returns {Game} */
export function linked(game, link) {
  if (game.link === link) return game;
  // Whoever broke the protocol must not send the same thing again.
  const broken = link === 'broken' ? { pending: null, asking: 0, resigning: 0, leaving: false } : {};
  return { ...game, link, ...broken };
}

/** @param {Game} game @param {import('./types.js').Role} you @returns {Game} */
export function welcomed(game, you) {
  return { ...game, you, link: 'open' };
}

/** @param {Game} game @param {View} view @param {number} now @returns {Game} */
export function viewed(game, view, now) {
  const before = game.view;
  const parted = view.guest ? '' : before?.guest ? before.guest.name : game.parted;
  const sameBoard = before?.round === view.round && before.ply === view.ply;
  const [pending, refusal] = settle(game, view);
  return {
    ...game,
    view,
    seenAt: now,
    awaySince: { host: awaySince(game, view, 'host', now), guest: awaySince(game, view, 'guest', now) },
    last: lastMove(game, view),
    pending,
    asking: view.phase === 'over' && view.round === game.asking ? game.asking : 0,
    resigning: view.phase === 'playing' && view.round === game.resigning ? game.resigning : 0,
    refusal: refusal || (sameBoard ? game.refusal : ''),
    parted,
  };
}

/**
 * A pending move stays as long as the room stands where the player saw it; then either it is on the board or it
 * was overtaken (by another tab of the same seat, say) and is taken back with a word.
 * @param {Game} game @param {View} view @returns {[import('./types.js').Pending | null, string]}
 */
function settle(game, view) {
  const move = game.pending;
  if (!move) return [null, ''];
  if (view.phase === 'playing' && view.round === move.round && view.ply === move.ply) return [move, ''];
  const made = view.round > move.round || view.board[move.cell] === move.mark;
  return [null, made ? '' : 'stale'];
}

/** @param {Game} game @param {View} view @param {Seated} seat @param {number} now */
function awaySince(game, view, seat, now) {
  const player = view[seat];
  if (!player || player.online) return 0;
  if (!game.view) return 0; // first look: there is nothing the absence could be a flicker of
  const before = game.view[seat];
  if (!before) return now + ARRIVAL_MS - FLICKER_MS;
  return before.online ? now : game.awaySince[seat];
}

/**
 * Views do not say what was played last. It is what the board has more than the board before, and of two moves
 * the one by whoever moved last, which the count tells since X begins.
 * @param {Game} game @param {View} view
 */
function lastMove(game, view) {
  const before = game.view ?? game.seen;
  if (!before || view.ply === 0) return -1;
  if (before.round === view.round && before.ply === view.ply) return game.last;
  const old = before.round === view.round ? before.board : EMPTY;
  const mover = view.ply % 2 === 1 ? 'X' : 'O';
  const fresh = [...view.board].flatMap((mark, cell) => (mark === mover && old[cell] === '.' ? [cell] : []));
  return fresh.length === 1 ? fresh[0] : -1;
}

/** @param {Game} game @param {number} cell @returns {Game} */
export function pressed(game, cell) {
  const mark = myMark(game);
  if (!mark || !game.view || !canPress(game, cell)) return game;
  const { round, ply } = game.view;
  return { ...game, pending: { cell, mark, round, ply }, refusal: '' };
}

/** @param {Game} game @param {import('./types.js').Refused} message @returns {Game} */
export function refused(game, message) {
  const again = message.code === 'unavailable' || message.code === 'too_fast';
  // Neither of the two says that the command failed for good: it stays wanted and is sent again.
  if (again) return { ...game, refusal: message.code };
  if (message.re === 'rematch') return { ...game, asking: 0, refusal: message.code };
  if (message.re === 'resign') return { ...game, resigning: 0, refusal: message.code };
  return { ...game, pending: null, refusal: message.code };
}

/** @param {Game} game @returns {Game} */
export function asked(game) {
  return game.view?.phase === 'over' ? { ...game, asking: game.view.round, refusal: '' } : game;
}

/** @param {Game} game @returns {Game} */
export function resigned(game) {
  return game.view?.phase === 'playing' ? { ...game, resigning: game.view.round, pending: null, refusal: '' } : game;
}

/** @param {Game} game @returns {Game} */
export function left(game) {
  return { ...game, leaving: true, pending: null };
}

/** @param {Game} game @param {string} reason @returns {Game} */
export function closedFor(game, reason) {
  return { ...game, closed: game.closed || reason, pending: null };
}

/**
 * What this player wants and the room does not show yet: sent when it is wished, and again after a reconnect.
 * @param {Game} game @returns {ClientMessage[]}
 */
export function wanted(game) {
  const { view, pending } = game;
  if (!view || game.closed) return [];
  if (game.leaving) return [{ type: 'leave' }];
  if (game.resigning === view.round && view.phase === 'playing') return [{ type: 'resign' }];
  if (game.asking === view.round && view.phase === 'over' && !me(game)?.rematch) return [{ type: 'rematch' }];
  if (pending) return [{ type: 'move', cell: pending.cell, round: pending.round, ply: pending.ply }];
  return [];
}

/** @param {Game} game @returns {Seated | null} */
export const mySeat = (game) => (game.you === 'host' || game.you === 'guest' ? game.you : null);

/** @param {Game} game @returns {Player | null} */
export function me(game) {
  const seat = mySeat(game);
  return seat && game.view ? game.view[seat] : null;
}

/** @param {Game} game @returns {Player | null} */
export function opponent(game) {
  const seat = mySeat(game);
  return seat && game.view ? game.view[seat === 'host' ? 'guest' : 'host'] : null;
}

/** @param {Game} game @returns {Mark | ''} */
export const myMark = (game) => me(game)?.mark ?? '';

/** @param {Game} game */
export function myTurn(game) {
  const { view } = game;
  return !!view && view.phase === 'playing' && view.turn !== '' && view.turn === myMark(game);
}

/** @param {Game} game @param {number} cell */
export function canPress(game, cell) {
  return myTurn(game) && !game.pending && !game.resigning && !game.leaving && game.view?.board[cell] === '.';
}

/** The board as the player should see it, the pending mark in its place. @param {Game} game */
export function shown(game) {
  const board = game.view?.board ?? EMPTY;
  const move = game.pending;
  return move ? board.slice(0, move.cell) + move.mark + board.slice(move.cell + 1) : board;
}

/** @param {View} view @param {string} mark @returns {Player | null} */
export function playerOf(view, mark) {
  if (view.host.mark === mark) return view.host;
  return view.guest?.mark === mark ? view.guest : null;
}

/** @param {Game} game @param {Seated} seat @param {number} now @returns {import('./types.js').Presence} */
export function presence(game, seat, now) {
  const player = game.view?.[seat];
  if (!player) return 'left';
  return player.online || now - game.awaySince[seat] < FLICKER_MS ? 'here' : 'away';
}

/** How long the seat of an absent player still waits, in whole seconds. @param {Game} game @param {Seated} seat @param {number} now */
export function backIn(game, seat, now) {
  const wait = game.view?.[seat]?.back_in_ms;
  return wait === undefined ? -1 : Math.max(0, Math.ceil((wait - (now - game.seenAt)) / 1000));
}
