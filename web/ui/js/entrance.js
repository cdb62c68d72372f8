// How a tab comes into a room: what it may show to whom, decided from what it keeps and what the room looks like.

/** @typedef {import('./types.js').Seat} Seat */
/** @typedef {import('./types.js').View} View */

/**
 * @typedef {{screen: 'game', seat: Seat | null}
 *   | {screen: 'invite', view: View, mine: Seat[]}
 *   | {screen: 'full', view: View}} Entrance
 */

/** A tab that already plays or watches goes straight in, without looking. @param {import('./seats.js').Seats} seats @param {string} code @returns {Entrance | null} */
export function straightIn(seats, code) {
  const seat = seats.ofTab(code);
  if (seat) return { screen: 'game', seat };
  return seats.watches(code) ? { screen: 'game', seat: null } : null;
}

/**
 * A new tab takes the seat this browser used last, except while the room waits for its guest: then it may well be
 * the second player at the same machine, who gets the invitation with a way back to the seat beside it.
 * @param {import('./seats.js').Seats} seats @param {View} view @returns {Entrance}
 */
export function afterLook(seats, view) {
  const mine = seats.ofRoom(view.code);
  if (view.phase === 'waiting') return { screen: 'invite', view, mine };
  return mine.length > 0 ? { screen: 'game', seat: mine[0] } : { screen: 'full', view };
}

/**
 * The code in what a person typed or pasted: any case, spaces, a whole game link. Empty if there is none.
 * @param {string} typed
 */
export function codeIn(typed) {
  const link = /\/game\/([^/?#]*)/i.exec(typed);
  const code = (link ? decodeLoosely(link[1]) : typed).replace(/[\s\u200b\ufeff]/g, '').toLowerCase();
  return /^[0-9a-f]{6}$/.test(code) ? code : '';
}

/** Whether what has been typed so far can no longer become a code. @param {string} typed */
export function neverCode(typed) {
  const code = typed.replace(/\s/g, '').toLowerCase();
  if (/[/:.]/.test(code)) return false; // a link on its way
  return /[^0-9a-f]/.test(code) || code.length > 6;
}

/** @param {string} text */
function decodeLoosely(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const segmenter = 'Segmenter' in Intl ? new Intl.Segmenter() : null;

/** What is wrong with a name, as the server would say it; empty if nothing. @param {string} name */
export function nameFault(name) {
  const trimmed = name.trim();
  if (!trimmed) return 'name_required';
  const length = segmenter ? [...segmenter.segment(trimmed)].length : [...trimmed].length;
  return length > 20 || new TextEncoder().encode(trimmed).length > 200 ? 'name_too_long' : '';
}
