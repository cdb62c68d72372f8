// From keys and presses on the board to cells. The nine cells are one stop for the Tab key; arrows move within.
import { one } from './dom.js';

const STEPS = new Map([
  ['ArrowUp', [-1, 0]],
  ['ArrowDown', [1, 0]],
  ['ArrowLeft', [0, -1]],
  ['ArrowRight', [0, 1]],
]);

/** Where an arrow leads from a cell; the edge is the end. @param {number} cell @param {string} key */
export function stepFrom(cell, key) {
  const step = STEPS.get(key);
  if (!step) return cell;
  const row = Math.min(2, Math.max(0, Math.floor(cell / 3) + step[0]));
  const column = Math.min(2, Math.max(0, (cell % 3) + step[1]));
  return row * 3 + column;
}

/** 1 to 9 as on a telephone; -1 for any other key. @param {string} key */
export const cellOfDigit = (key) => (/^[1-9]$/.test(key) ? Number(key) - 1 : -1);

/** @param {HTMLElement} board @param {(cell: number) => void} press */
export function wireBoard(board, press) {
  /** @param {number} cell */
  const button = (cell) => one(board, `[data-cell="${cell}"]`);

  board.addEventListener('click', (event) => {
    const cell = event.target instanceof Element && event.target.closest('.cell');
    if (cell instanceof HTMLElement) press(Number(cell.dataset.cell));
  });

  board.addEventListener('focusin', (event) => {
    for (const cell of /** @type {NodeListOf<HTMLElement>} */ (board.querySelectorAll('.cell')))
      cell.tabIndex = cell === event.target ? 0 : -1;
  });

  document.addEventListener('keydown', (event) => {
    if (board.hidden || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (target.matches('input, textarea')) return;
    const digit = cellOfDigit(event.key);
    if (digit >= 0) {
      button(digit).focus();
      press(digit);
    } else if (STEPS.has(event.key)) {
      // An arrow pressed anywhere on the page finds the board first.
      const inside = board.contains(target);
      const from = Number(one(board, '.cell[tabindex="0"]').dataset.cell);
      button(inside ? stepFrom(from, event.key) : from).focus();
    } else {
      return;
    }
    event.preventDefault();
  });
}
