// A finished round, move by move.
import { openArchive, patiently } from './archive.js';
import { buildBoard, drawBoard, drawGlyph } from './board.js';
import { button, el, nameLink, sentence } from './build.js';
import { one, setAttribute, setSentence, svg } from './dom.js';
import { turningPoint } from './judge.js';
import { called, calledInFull } from './names.js';
import { wireCopy } from './share.js';
import { advance, beginSteps, position, stepByKey, stepTo, togglePlaying, verdictKey } from './steps.js';
import { seconds, when } from './text-more.js';
import { say } from './text.js';

/** @typedef {import('./archive.js').Round} Round */
/** @typedef {import('./steps.js').Steps} Steps */

/** A round is filed up to a second after its end; a page that came with 404 has asked once. */
const WAITS = [0, 500, 1000];
const PACE_MS = 1_500;

/** @param {HTMLElement} root @param {import('./extras.js').Around} around */
export async function open(root, { id, ask, tell, missing }) {
  const round = await patiently(() => openArchive(ask).round(id), missing ? WAITS.slice(1) : WAITS);
  const [head, values] = resultOf(round);
  let steps = beginSteps(round.moves.map((move) => move.cell));
  /** @type {any} */ let timer;

  /** @param {Steps} next */
  function become(next) {
    const moved = next.at !== steps.at;
    steps = next;
    drawSteps(root, round, steps);
    if (moved) tell(say(...stepWords(round, steps)));
    clearTimeout(timer);
    if (steps.playing) timer = setTimeout(() => become(advance(steps)), PACE_MS);
  }

  const keys = (/** @type {KeyboardEvent} */ event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || (event.target instanceof Element && event.target.matches('input'))) return;
    const next = stepByKey(steps, event.key);
    if (next === steps) return;
    event.preventDefault();
    become(next);
  };
  document.addEventListener('keydown', keys);
  const act = {
    first: () => become(stepTo(steps, 0)),
    back: () => become(stepTo(steps, steps.at - 1)),
    play: () => become(togglePlaying(steps)),
    forward: () => become(stepTo(steps, steps.at + 1)),
    last: () => become(stepTo(steps, steps.moves.length)),
  };
  root.append(topOf(round, head, values), boardOf(), belowOf(round, steps, act, (at) => become(stepTo(steps, at)), tell));
  drawSteps(root, round, steps);
  const stop = () => {
    clearTimeout(timer);
    document.removeEventListener('keydown', keys);
  };
  return { title: `${say(head, values)} · ${say('replay')}`, stop };
}

/** How it ended, in a sentence. @param {Round} round @returns {[string, Record<string, string>]} */
export function resultOf(round) {
  if (round.ended === 'expired') return ['brokenOff', {}];
  if (round.ended === 'left') return ['wentAway', { name: called(round.by && round[round.by]) }];
  const winner = round.winner && playerOf(round, round.winner);
  return winner ? ['theyWon', { name: called(winner) }] : ['draw', {}];
}

/** @param {Round} round @param {string} mark */
const playerOf = (round, mark) => (round.host.mark === mark ? round.host : round.guest);

/** What the board does not show of the end, as in a game. @param {Round} round @returns {[string, Record<string, string>]} */
function whyOver(round) {
  const name = called(round.by && round[round.by]);
  if (round.ended === 'resign') return ['byResign', { name }];
  return round.ended === 'clock' ? ['byClock', { name }] : ['', {}];
}

/** @param {Round} round @param {string} head @param {Record<string, string>} values */
function topOf(round, head, values) {
  const title = sentence('h1.sentence', head, values);
  title.dataset.ink = round.winner;
  // As on the board: X first, who began.
  const cards = /** @type {const} */ (['X', 'O']).map((mark) => {
    const player = playerOf(round, mark);
    const glyph = svg('svg', { viewBox: '0 0 100 100', class: 'glyph', 'aria-hidden': 'true' });
    drawGlyph(glyph, mark);
    const sub = el('span.sub', {}, player.computer ? say(`level_${player.computer}`) : mark);
    return el('li.player', { 'data-ink': mark, 'data-won': round.winner === mark }, glyph, el('div.who', {}, nameLink(player, called(player)), sub));
  });
  return el('section.top', {}, el('ul.players', { 'aria-label': say('player') }, ...cards), title);
}

function boardOf() {
  const board = el('div.stage.board', { role: 'img', 'data-replay': true });
  buildBoard(board, false);
  return board;
}

/**
 * @param {Round} round @param {Steps} steps @param {Record<string, () => void>} act @param {(at: number) => void} jump
 * @param {(words: string) => void} tell
 */
function belowOf(round, steps, act, jump, tell) {
  const controls = ['first', 'back', 'play', 'forward', 'last'].map((name) => control(name, act[name]));
  const turning = turningPoint(steps.moves);
  const judged = steps.moves.map((_, ply) => moveRow(round, steps, ply, jump));
  const link = el('input.mono', { readonly: true, 'aria-label': say('link'), dir: 'ltr', value: `${location.origin}/replay/${round.id}` });
  const copy = el('button.lined', { type: 'button' });
  wireCopy(copy, /** @type {HTMLInputElement} */ (link), tell);
  const facts = [when(round.finished), say('roundLine', { round: round.round }), ...(round.rated ? [say('rated')] : [])];
  const turn = turning < 0 ? el('p.lead', {}, say(steps.moves.length ? 'nothingGiven' : 'noMoves')) : button('button.plain.turning', 'turningPoint', () => jump(turning + 1));
  if (turning >= 0) setSentence(turn, 'turningPoint', { n: turning + 1, name: moverOf(round, turning), verdict: say(verdictKey(steps.moves[turning])) });
  return el(
    'section.below.replaying',
    {},
    sentence('p.note', ...whyOver(round)),
    el('div.steps', { role: 'group', 'aria-label': say('steps') }, ...controls),
    el('p.step', {}),
    turn,
    el('ol.moves', { 'aria-label': say('moves') }, ...judged),
    el('p.facts', {}, facts.join(' · ')),
    link,
    el('div.actions', {}, copy),
  );
}

const ICONS = {
  first: 'M5 5v14M19 5 9 12l10 7z',
  back: 'M17 5 7 12l10 7z',
  play: 'M7 5 19 12 7 19z',
  pause: 'M8 5v14M16 5v14',
  forward: 'M7 5l10 7-10 7z',
  last: 'M19 5v14M5 5l10 7-10 7z',
};

/** @param {string} name @param {() => void} press */
function control(name, press) {
  const icon = svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, svg('path', { d: ICONS[/** @type {keyof ICONS} */ (name)] }));
  const element = el('button.control', { type: 'button', 'data-step': name, 'aria-label': say(`step_${name}`) }, icon);
  element.addEventListener('click', () => element.getAttribute('aria-disabled') !== 'true' && press());
  return element;
}

/** @param {Round} round @param {number} ply */
const moverOf = (round, ply) => calledInFull(playerOf(round, ply % 2 === 0 ? 'X' : 'O'));

/** @param {Round} round @param {Steps} steps @param {number} ply @param {(at: number) => void} jump */
function moveRow(round, steps, ply, jump) {
  const move = steps.moves[ply];
  const took = round.moves[ply].at_ms - (round.moves[ply - 1]?.at_ms ?? 0);
  const row = el(
    'button',
    { type: 'button', 'data-ink': move.mark, 'data-verdict': move.verdict },
    el('span.mark', {}, move.mark),
    el('span.words', {}, say('moveRow', { cell: say(`cell${move.cell}`), verdict: say(verdictKey(move)) })),
    el('span.took', {}, seconds(took)),
  );
  row.addEventListener('click', () => jump(ply + 1));
  return el('li', {}, row);
}

/** Where one is, in a sentence. @param {Round} round @param {Steps} steps @returns {[string, import('./text.js').Values]} */
function stepWords(round, { moves, at }) {
  if (at === 0) return ['stepStart', {}];
  const { mark, cell } = moves[at - 1];
  return ['stepMove', { n: at, name: moverOf(round, at - 1), mark, cell: say(`cell${cell}`), verdict: say(verdictKey(moves[at - 1])) }];
}

/** Everything that changes from step to step. @param {HTMLElement} root @param {Round} round @param {Steps} steps */
function drawSteps(root, round, steps) {
  const { board, last, line } = position(steps);
  const winner = line.length ? board[last] : '';
  const stage = one(root, '[data-replay]');
  drawBoard(stage, { board, last: line.length ? -1 : last, pending: -1, line, winner, ink: '', key: '', open: () => false });
  setAttribute(stage, 'aria-label', boardWords(board));
  setSentence(one(root, '.step'), ...stepWords(round, steps));
  const [atStart, atEnd] = [steps.at === 0, steps.at === steps.moves.length];
  const off = { first: atStart, back: atStart, play: !steps.moves.length, forward: atEnd, last: atEnd };
  for (const [name, yes] of Object.entries(off)) setAttribute(one(root, `[data-step="${name}"]`), 'aria-disabled', yes ? 'true' : 'false');
  const play = one(root, '[data-step="play"]');
  setAttribute(play, 'aria-label', say(steps.playing ? 'step_pause' : 'step_play'));
  setAttribute(one(play, 'path'), 'd', steps.playing ? ICONS.pause : ICONS.play);
  [...root.querySelectorAll('.moves button')].forEach((row, ply) => setAttribute(row, 'aria-current', ply + 1 === steps.at ? 'step' : false));
}

/** The board for those who do not see it. @param {string} board */
function boardWords(board) {
  const marks = [...board].flatMap((mark, cell) => (mark === '.' ? [] : [say('cellTaken', { cell: say(`cell${cell}`), mark })]));
  return marks.length ? `${say('board')}: ${marks.join('; ')}` : say('boardEmpty');
}
