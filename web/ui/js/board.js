// The board: four strokes and nine places for a mark. It is built once; after that only attributes change, and the
// style sheet turns an attribute that appears into a stroke that is drawn.
import { one, setAttribute, svg } from './dom.js';
import { say } from './text.js';

const STROKES = [
  'M101 5C98 70 103 180 99 295',
  'M200 6C203 96 197 205 201 294',
  'M6 99C90 102 190 97 295 101',
  'M5 201C80 198 215 203 294 199',
];

// The same mark is never quite the same twice: three hands for each, given out by the place on the board.
const CROSS = [
  ['M24 23C41 40 60 58 77 78', 'M76 22C60 41 42 58 23 77'],
  ['M22 26C43 42 58 61 78 75', 'M78 24C59 40 40 62 25 78'],
  ['M26 22C40 42 61 57 75 79', 'M74 24C61 43 39 58 22 75'],
];
const NOUGHT = [
  'M53 20C33 19 20 32 20 50S33 80 51 80 80 67 80 49 68 20 46 21',
  'M47 20C29 22 19 35 20 52S36 81 53 79 81 64 79 46 64 18 43 22',
  'M56 21C37 17 21 29 20 47S31 81 49 80 79 70 80 51 70 22 49 20',
];
const HANDS = [0, 1, 2, 2, 0, 1, 1, 2, 0];

const UNDERLINE = 'M34 92C45 90 57 93 67 91';

/** @param {string} d @param {string} name */
const stroke = (d, name) => svg('path', { d, class: name, pathLength: '1' });

/** The strokes of both marks; which of them shows is said by `data-mark` around them. @param {number} hand */
export const markStrokes = (hand) => [
  stroke(CROSS[hand][0], 'x first'),
  stroke(CROSS[hand][1], 'x second'),
  stroke(NOUGHT[hand], 'o'),
];

/** @param {HTMLElement} root @param {boolean} live  false: a picture of a board */
export function buildBoard(root, live) {
  const lines = svg('svg', { viewBox: '0 0 300 300', class: 'strokes', 'aria-hidden': 'true' });
  lines.append(...STROKES.map((d) => stroke(d, 'line')));
  const grid = document.createElement('div');
  grid.className = 'grid3';
  if (live) setAttribute(grid, 'role', 'grid');
  if (live) setAttribute(grid, 'aria-label', say('board'));
  for (let row = 0; row < 3; row++) {
    const line = document.createElement('div');
    line.className = 'row3';
    if (live) setAttribute(line, 'role', 'row');
    line.append(...[0, 1, 2].map((column) => buildCell(row * 3 + column, live)));
    grid.append(line);
  }
  const win = svg('svg', { viewBox: '0 0 300 300', class: 'win', 'aria-hidden': 'true' });
  root.append(lines, grid, win);
}

/** @param {number} cell @param {boolean} live */
function buildCell(cell, live) {
  const place = document.createElement(live ? 'button' : 'div');
  place.className = 'cell';
  // A picture's places have another name, so that nothing takes them for the board.
  place.dataset[live ? 'cell' : 'picture'] = String(cell);
  place.dataset.mark = '';
  if (place instanceof HTMLButtonElement) {
    place.type = 'button';
    place.tabIndex = cell === 4 ? 0 : -1;
    place.setAttribute('role', 'gridcell');
  }
  const drawing = svg('svg', { viewBox: '0 0 100 100', 'aria-hidden': 'true' });
  drawing.append(...markStrokes(HANDS[cell]), stroke(UNDERLINE, 'under'));
  place.append(drawing);
  return place;
}

/**
 * @typedef {object} Position
 * @property {string} board
 * @property {number} last
 * @property {number} pending     the cell whose mark is not settled, -1 for none
 * @property {number[]} line
 * @property {string} winner
 * @property {string} ink         the mark the next press would write, or empty
 * @property {string} key         another key is another round: the strokes are drawn anew
 * @property {(cell: number) => boolean} open
 */

/** @param {HTMLElement} root @param {Position} position */
export function drawBoard(root, position) {
  const { board, last, pending, line, ink, key, open } = position;
  const over = line.length > 0;
  setAttribute(root, 'data-ink', ink);
  setAttribute(root, 'data-over', over);
  redrawStrokes(root, key);
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll('.cell'))) {
    const cell = Number(place.dataset.cell ?? place.dataset.picture);
    const mark = board[cell] === '.' ? '' : board[cell];
    setAttribute(place, 'data-mark', mark);
    setAttribute(place, 'data-pending', cell === pending);
    setAttribute(place, 'data-last', cell === last && cell !== pending);
    setAttribute(place, 'data-inline', line.includes(cell));
    if (place instanceof HTMLButtonElement) {
      const where = say(`cell${cell}`);
      setAttribute(place, 'aria-label', say(mark ? 'cellTaken' : 'cellEmpty', { cell: where, mark }));
      setAttribute(place, 'aria-disabled', open(cell) ? 'false' : 'true');
    }
  }
  drawLine(root, line, position.winner);
}

/** @param {HTMLElement} root @param {string} key */
function redrawStrokes(root, key) {
  if (root.dataset.key === key) return;
  root.dataset.key = key;
  // An element put in anew starts its animation from the beginning.
  const strokes = one(root, '.strokes');
  strokes.replaceWith(strokes.cloneNode(true));
}

const LINES = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]]; // prettier-ignore

/** One last move can close two lines at once; then both are drawn. @param {HTMLElement} root @param {number[]} cells @param {string} winner */
function drawLine(root, cells, winner) {
  const win = one(root, '.win');
  const key = cells.join('');
  if (win.dataset.cells === key) return;
  win.dataset.cells = key;
  win.dataset.mark = winner;
  const lines = LINES.filter((line) => line.every((cell) => cells.includes(cell)));
  win.replaceChildren(...lines.map((line) => stroke(across(line[0], line[2]), 'line')));
}

/** A stroke through two far cells, a little beyond both, and not quite straight. @param {number} from @param {number} to */
function across(from, to) {
  const [x1, y1] = [(from % 3) * 100 + 50, Math.floor(from / 3) * 100 + 50];
  const [x2, y2] = [(to % 3) * 100 + 50, Math.floor(to / 3) * 100 + 50];
  const [dx, dy] = [(x2 - x1) * 0.19, (y2 - y1) * 0.19];
  const [mx, my] = [(x1 + x2) / 2 + dy * 0.1, (y1 + y2) / 2 - dx * 0.1];
  return `M${x1 - dx} ${y1 - dy}Q${mx} ${my} ${x2 + dx} ${y2 + dy}`;
}

/** The glyph on a player's card. @param {Element} glyph @param {string} mark */
export function drawGlyph(glyph, mark) {
  if (!glyph.firstChild) glyph.append(...markStrokes(0));
  setAttribute(glyph, 'data-mark', mark);
}

/** Lets the picture on the start page play itself once. @param {HTMLElement} root */
export function drawDemo(root) {
  const moves = [4, 0, 2, 6, 3, 5, 1, 7, 8];
  moves.forEach((cell, ply) => {
    const place = one(root, `[data-picture="${cell}"]`);
    place.style.setProperty('--wait', `${500 + ply * 420}ms`);
    place.dataset.mark = ply % 2 === 0 ? 'X' : 'O';
  });
}

