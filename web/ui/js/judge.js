// What each move of a finished round was worth, by perfect play: pure, and small enough to try every game there is.

/** @typedef {import('./types.js').Mark} Mark */

/** How a board ends for whoever is to move, if both play as well as can be. @typedef {-1 | 0 | 1} Outcome */

/**
 * What a move did to what its player could still have: kept the win, kept the draw, gave a win or a draw away, or
 * there was nothing left to keep.
 * @typedef {'keptWin' | 'keptDraw' | 'gaveWin' | 'gaveDraw' | 'lost'} Verdict
 */

/** @typedef {{cell: number, mark: Mark, board: string, verdict: Verdict}} Judged  board: after the move */

export const EMPTY = '.........';

const LINES = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
  [0, 3, 6],
  [1, 4, 7],
  [2, 5, 8],
  [0, 4, 8],
  [2, 4, 6],
];

/** The cells of the lines that are closed, ascending; none while there is no winner. @param {string} board */
export function closedLine(board) {
  const closed = LINES.filter(([a, b, c]) => board[a] !== '.' && board[a] === board[b] && board[a] === board[c]);
  return [...new Set(closed.flat())].sort((a, b) => a - b);
}

/** @param {string} board @param {number} cell @param {Mark} mark */
export const put = (board, cell, mark) => board.slice(0, cell) + mark + board.slice(cell + 1);

/** X begins, and marks alternate. @param {number} ply @returns {Mark} */
export const markAt = (ply) => (ply % 2 === 0 ? 'X' : 'O');

/** @type {Map<string, Outcome>} */
const known = new Map();

/** @param {string} board @returns {Outcome} */
export function outcome(board) {
  const before = known.get(board);
  if (before !== undefined) return before;
  const mark = markAt([...board].filter((m) => m !== '.').length);
  /** @type {Outcome} */
  let best = -1;
  if (closedLine(board).length === 0) {
    const free = [...board].flatMap((m, cell) => (m === '.' ? [cell] : []));
    if (free.length === 0) best = 0;
    for (const cell of free) {
      best = /** @type {Outcome} */ (Math.max(best, 0 - outcome(put(board, cell, mark))));
      if (best === 1) break;
    }
  }
  known.set(board, best);
  return best;
}

/** Each move of a round, judged. @param {number[]} cells @returns {Judged[]} */
export function judge(cells) {
  let board = EMPTY;
  return cells.map((cell, ply) => {
    const could = outcome(board);
    const mark = markAt(ply);
    board = put(board, cell, mark);
    return { cell, mark, board, verdict: verdict(could, /** @type {Outcome} */ (0 - outcome(board))) };
  });
}

/** @param {Outcome} could @param {Outcome} can @returns {Verdict} */
function verdict(could, can) {
  if (could === 1) return can === 1 ? 'keptWin' : 'gaveWin';
  if (could === 0) return can === 0 ? 'keptDraw' : 'gaveDraw';
  return 'lost';
}

/** The first move that gave something away, -1 if none did. @param {Judged[]} moves */
export const turningPoint = (moves) => moves.findIndex(({ verdict }) => verdict === 'gaveWin' || verdict === 'gaveDraw');
