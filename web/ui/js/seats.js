// Where seats are kept. A tab has its seat in sessionStorage, so that two tabs of one browser can be host and
// guest; the browser has all its seats of a room in localStorage, so that a closed tab loses nothing.

/** @typedef {import('./types.js').Seat} Seat */
/** @typedef {import('./types.js').Seen} Seen */

const TAB = 'tictac.seat.';
const WATCH = 'tictac.watch.';
const SEATS = 'tictac.seats';
const SEEN = 'tictac.seen.';
const NAME = 'tictac.name';
const ROOMS_KEPT = 30;

/**
 * A storage that cannot fail: in private windows, or when full or forbidden, what is kept lives as long as the page.
 * @param {() => Storage} get  reading the property may itself throw
 */
function sure(get) {
  /** @type {Map<string, string | null>} */
  const memory = new Map();
  return {
    /** @param {string} key */
    read(key) {
      if (memory.has(key)) return memory.get(key) ?? null;
      try {
        return get().getItem(key);
      } catch {
        return null;
      }
    },
    /** @param {string} key @param {string | null} value */
    write(key, value) {
      try {
        if (value === null) get().removeItem(key);
        else get().setItem(key, value);
        memory.delete(key);
      } catch {
        memory.set(key, value);
      }
    },
  };
}

/** @param {string | null} text @returns {any} */
function parsed(text) {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}

/** @param {any} seat @returns {seat is Seat} */
const isSeat = (seat) => typeof seat?.seat === 'string' && (seat.you === 'host' || seat.you === 'guest');

/** @param {any} seen @returns {seen is Seen} */
const isSeen = (seen) => [seen?.round, seen?.ply, seen?.last].every(Number.isInteger) && typeof seen.board === 'string';

/**
 * @param {() => Storage} tabStorage
 * @param {() => Storage} browserStorage
 * @param {() => number} now
 */
export function openSeats(tabStorage, browserStorage, now) {
  const tab = sure(tabStorage);
  const browser = sure(browserStorage);

  /** @returns {Record<string, Seat[]>} */
  const rooms = () => {
    const all = parsed(browser.read(SEATS));
    return all && typeof all === 'object' && !Array.isArray(all) ? all : {};
  };

  /** @param {string} code @returns {Seat[]} */
  const ofRoom = (code) => {
    const seats = rooms()[code];
    return Array.isArray(seats) ? seats.filter(isSeat).sort((a, b) => b.used - a.used) : [];
  };

  /** @param {string} code @param {Seat[]} seats */
  const store = (code, seats) => {
    const all = rooms();
    all[code] = seats;
    const newest = Object.entries(all)
      .filter(([, kept]) => Array.isArray(kept) && kept.length > 0)
      .sort(([, a], [, b]) => Math.max(...b.map((s) => s.used)) - Math.max(...a.map((s) => s.used)))
      .slice(0, ROOMS_KEPT);
    browser.write(SEATS, JSON.stringify(Object.fromEntries(newest)));
  };

  return {
    /** The seat this tab plays from. @param {string} code @returns {Seat | null} */
    ofTab(code) {
      const seat = parsed(tab.read(TAB + code));
      return isSeat(seat) ? seat : null;
    },

    /** All seats this browser has in a room, the last used first. */
    ofRoom,

    /** The tab plays from this seat from now on. @param {string} code @param {Omit<Seat, 'used'>} seat */
    take(code, seat) {
      const taken = { ...seat, used: now() };
      tab.write(TAB + code, JSON.stringify(taken));
      tab.write(WATCH + code, null);
      store(code, [taken, ...ofRoom(code).filter((other) => other.seat !== seat.seat)]);
    },

    /** The seat is no more. @param {string} code @param {string} secret */
    forget(code, secret) {
      if (this.ofTab(code)?.seat === secret) tab.write(TAB + code, null);
      store(code, ofRoom(code).filter((other) => other.seat !== secret));
    },

    /** The room is no more. @param {string} code */
    forgetRoom(code) {
      tab.write(TAB + code, null);
      tab.write(WATCH + code, null);
      tab.write(SEEN + code, null);
      store(code, []);
    },

    /** The board as this tab last saw it. @param {string} code @returns {Seen | null} */
    seen(code) {
      const seen = parsed(tab.read(SEEN + code));
      return isSeen(seen) ? seen : null;
    },

    /** @param {string} code @param {Seen} seen */
    setSeen: (code, seen) => tab.write(SEEN + code, JSON.stringify(seen)),

    /** @param {string} code */
    watches: (code) => tab.read(WATCH + code) === 'yes',

    /** @param {string} code @param {boolean} yes */
    watch: (code, yes) => tab.write(WATCH + code, yes ? 'yes' : null),

    name: () => browser.read(NAME) ?? '',

    /** @param {string} name */
    setName: (name) => browser.write(NAME, name),
  };
}

/** @typedef {ReturnType<typeof openSeats>} Seats */
