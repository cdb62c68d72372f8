// A person at a screen: what they do, and what they see.
import { expect } from '@playwright/test';

/** Everything on the screen that a journey may ask about, read in one go. Runs in the page. */
function look() {
  const cells = [...document.querySelectorAll('#board .cell')];
  const having = (name) => cells.flatMap((cell, index) => (cell.hasAttribute(name) ? [index] : []));
  const text = (id) => plain(document.getElementById(id));
  // Spaces that do not break are for the layout, not for the reader.
  const plain = (element) => element.textContent.replaceAll('\u00a0', ' ');
  const card = (element) => ({
    name: element.querySelector('.name').textContent,
    mark: element.dataset.ink,
    sub: element.querySelector('.sub').textContent,
    wins: element.querySelector('.n').textContent,
    turn: element.hasAttribute('data-turn'),
    won: element.hasAttribute('data-won'),
  });
  return {
    screen: document.body.dataset.screen,
    title: document.title,
    board: cells.map((cell) => cell.dataset.mark || '.').join(''),
    pending: having('data-pending'),
    last: having('data-last'),
    line: having('data-inline'),
    strokes: document.querySelectorAll('#board .win path').length,
    sentence: text('turn'),
    note: text('note'),
    facts: text('facts'),
    bar: document.getElementById('bar').hidden ? '' : text('bar-text'),
    me: card(document.getElementById('player-0')),
    rival: card(document.getElementById('player-1')),
    buttons: [...document.querySelectorAll('#play .actions > :not([hidden])')].map(plain),
  };
}

export class Player {
  /** @param {import('@playwright/test').Page} page @param {string} name */
  constructor(page, name) {
    this.page = page;
    this.name = name;
  }

  /** @param {import('@playwright/test').BrowserContext} context @param {string} name */
  static in = async (context, name) => new Player(await context.newPage(), name);

  /** Another tab of the same browser. @param {string} [name] */
  tab = (name = this.name) => Player.in(this.page.context(), name);

  /** @returns {Promise<string>} the code of the new room */
  async create() {
    await this.page.goto('/');
    return this.begin();
  }

  /** A new room, from the start page. @returns {Promise<string>} */
  async begin() {
    await this.page.getByLabel('Your name').first().fill(this.name);
    await this.page.getByRole('button', { name: 'New game' }).click();
    await this.sees({ screen: 'waiting' });
    return this.page.locator('#wait-code').innerText();
  }

  /** @param {string} code */
  async join(code) {
    await this.page.goto(`/game/${code}`);
    await this.accept();
  }

  /** The invitation that is on the screen. */
  async accept() {
    await this.page.locator('#join-name').fill(this.name);
    await this.page.getByRole('button', { name: 'Join the game' }).click();
    await this.sees({ screen: 'play' });
  }

  /** @param {number} cell */
  cell = (cell) => this.page.locator(`#board [data-cell="${cell}"]`);

  /** Waits until the cell may be pressed. @param {number} cell */
  press = (cell) => this.cell(cell).click();

  /** @param {string} name */
  click = (name) => this.page.getByRole('button', { name, exact: true }).click();

  async resign() {
    await this.click('Resign');
    await this.click('Really resign?');
  }

  async leave() {
    await this.click('Leave');
    await this.click('Really leave?');
  }

  look = () => this.page.evaluate(look);

  /** Waits until the screen shows this. @param {object} expected @param {number} [timeout] */
  async sees(expected, timeout = 15_000) {
    await expect(async () => expect(await this.look(), `${this.name}'s screen`).toMatchObject(expected)).toPass({ timeout });
  }
}

const LINES = [[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6]]; // prettier-ignore

/** A round between two people, which knows what every screen must show after each move. */
export class Round {
  board = '.........';
  ply = 0;

  /** @param {Player} x @param {Player} o @param {Player[]} watchers */
  constructor(x, o, watchers = []) {
    this.x = x;
    this.o = o;
    this.everyone = [x, o, ...watchers];
  }

  get mover() {
    return this.ply % 2 === 0 ? this.x : this.o;
  }

  /** @param {number[]} cells */
  async play(...cells) {
    for (const cell of cells) {
      await this.mover.press(cell);
      this.made(cell);
      await this.shown();
    }
  }

  /** Notes a move that somebody made in another way. @param {number} cell */
  made(cell) {
    this.board = this.board.slice(0, cell) + (this.ply++ % 2 === 0 ? 'X' : 'O') + this.board.slice(cell + 1);
    this.last = cell;
  }

  /** Everyone sees the round as it stands. @param {number} [timeout] */
  shown = (timeout) => Promise.all(this.everyone.map((player) => player.sees(this.#expected(player), timeout)));

  /** @param {Player} player */
  #expected(player) {
    const lines = LINES.filter(([a, b, c]) => this.board[a] !== '.' && this.board[a] === this.board[b] && this.board[b] === this.board[c]);
    const cells = [...new Set(lines.flat())].sort((a, b) => a - b);
    const over = cells.length > 0 || !this.board.includes('.');
    const winner = cells.length ? (this.ply % 2 === 1 ? this.x : this.o) : null;
    let sentence = this.mover === player ? 'Your turn' : `${this.mover.name}’s turn`;
    if (over) sentence = !winner ? 'A draw' : winner === player ? 'You won' : `${winner.name} won`;
    const seated = player === this.x || player === this.o;
    return {
      screen: 'play',
      board: this.board,
      pending: [],
      line: cells,
      strokes: lines.length,
      sentence,
      title: `${sentence} · Tic-tac-toe`,
      bar: '',
      ...(this.last === undefined ? {} : { last: cells.length ? [] : [this.last] }),
      ...(seated && {
        me: { name: player.name, mark: player === this.x ? 'X' : 'O', sub: 'you', turn: !over && this.mover === player, won: winner === player },
        rival: { turn: !over && this.mover !== player, won: !!winner && winner !== player },
      }),
    };
  }
}
