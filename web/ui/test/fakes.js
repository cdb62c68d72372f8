// A clock that only moves when told, and a socket whose other end the test is.

export class FakeClock {
  time = 1_000_000;
  #timers = new Map();
  #id = 0;

  now = () => this.time;

  setTimeout = (run, ms) => {
    this.#timers.set(++this.#id, { at: this.time + ms, run });
    return this.#id;
  };

  clearTimeout = (id) => this.#timers.delete(id);

  get pending() {
    return this.#timers.size;
  }

  /** Moves on, running what falls due in order, also what that sets. */
  pass(ms) {
    const until = this.time + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, t]) => t.at <= until).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.time = Math.max(this.time, due[1].at);
      due[1].run();
    }
    this.time = until;
  }
}

/** A WebSocket class of its own for each test; `made` has every socket that was opened. */
export function fakeSockets() {
  const made = [];
  class FakeSocket {
    readyState = 0;
    sent = [];
    closed = false;

    constructor(url) {
      this.url = url;
      made.push(this);
    }

    send(text) {
      if (this.readyState !== 1) throw new Error('not open');
      this.sent.push(JSON.parse(text));
    }

    close() {
      this.readyState = 3;
      this.closed = true;
    }

    // The server's side.
    accept() {
      this.readyState = 1;
      this.onopen?.();
    }

    say(message) {
      this.onmessage?.({ data: typeof message === 'string' ? message : JSON.stringify(message) });
    }

    hangUp(code) {
      this.readyState = 3;
      this.onclose?.({ code });
    }

    moves() {
      return this.sent.filter((message) => message.type === 'move');
    }
  }
  return { FakeSocket, made, last: () => made[made.length - 1] };
}

export function fakeWorld(clock, FakeSocket) {
  return {
    WebSocket: FakeSocket,
    now: clock.now,
    random: () => 0.5,
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clearTimeout,
    visible: () => true,
  };
}

/** A view as the server sends it, with what the test wants different. */
export function viewOf(change = {}) {
  const player = { online: true, wins: 0, rematch: false };
  const { host, guest, ...rest } = change;
  return {
    type: 'view',
    code: 'a1b2c3',
    rev: 1,
    phase: 'playing',
    round: 1,
    ply: 0,
    board: '.........',
    turn: 'X',
    winner: '',
    line: [],
    ended: '',
    host: { ...player, name: 'Ann', mark: 'X', ...host },
    guest: guest === null ? null : { ...player, name: 'Bob', mark: 'O', ...guest },
    draws: 0,
    watching: 0,
    ...rest,
  };
}
