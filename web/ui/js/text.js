// Every word of the start page and of the game; those of the pages that are loaded later are in text-more.js. A
// translation is these two files: `{name}` and the like are filled in, and may stand anywhere in a sentence. Words stand
// in two more places, for readers that run no script: index.html (`lang`, title and description, which this file fills in
// again, and the sentence of `noscript`) and manifest.webmanifest (names and description).

/** The language of the words, as HTML and plurals have it. */
export const language = 'en';

/** @type {Record<string, string>} */
const words = {
  // The frame
  title: 'Tic-tac-toe',
  description: 'Tic-tac-toe for two: start a game, send the link, play at once.',
  skip: 'Skip to the game',
  home: 'Tic-tac-toe, to the start page',
  roomCode: 'Room {code}',
  board: 'Board',
  player: 'Players',

  // Start
  startHead: 'Tic‑tac‑toe for two', // hyphens at which no line breaks
  startLead: 'Start a game, send the link, play at once.',
  yourName: 'Your name',
  newGame: 'New game',
  clockLabel: 'Time for a move',
  clockNone: 'no limit',
  clock5: '5 seconds',
  clock15: '15 seconds',
  clock30: '30 seconds',
  clock60: '1 minute',
  withStranger: 'With a stranger',
  quickMatch: 'Quick match',
  withComputer: 'Against the computer',
  level_easy: 'Easy',
  level_medium: 'Medium',
  level_perfect: 'Perfect',
  haveCode: 'Code or link of a game',
  join: 'Join',
  more: 'More',
  profile: 'My games',
  leaderboard: 'Leaderboard',

  // What players are called who are not called by a name
  computer: 'Computer',
  computerAt: 'Computer ({level})',
  nameless: 'Somebody',

  // Invitation
  inviteHead: '{name} invites you to a game',
  inviteLead: 'You play O. {name} begins.',
  joinGame: 'Join the game',
  continueAs: 'Continue as {name}',
  looking: 'Looking for the game …',

  // Full
  fullHead: '{host} and {guest} are playing',
  fullLead: 'Both seats are taken. You can watch, or start a game of your own.',
  watch: 'Watch',
  ownGame: 'Start a game of my own',

  // Waiting
  waitHead: 'Send this to a friend',
  waitLead: 'The game begins as soon as somebody joins. You can leave this page to send the link; the room waits.',
  leftHead: '{name} left the game',
  leftHeadUnknown: 'Your opponent left the game',
  leftLead: 'The room is open for somebody new: send them the link.',
  link: 'Link',
  copy: 'Copy link',
  copied: 'Copied',
  selected: 'Now copy it',
  share: 'Share …',
  shareText: 'Play tic-tac-toe with me',
  qr: 'QR code of the link',

  // Looking for a stranger
  seekHead: 'Looking for an opponent …',
  seekLead: 'You play whoever comes first, for the rating. Stay on this page.',
  seekAgain: 'Looking for another opponent …',
  seekStop: 'Stop looking',

  // Play
  you: 'you',
  wins: 'Games won',
  here: 'here',
  away: 'away',
  awayFor: 'away · {time}',
  awayNote: '{name} is away. Seat kept for {time}.',
  left: 'left',
  yourTurn: 'Your turn',
  theirTurn: '{name}’s turn',
  youWon: 'You won',
  theyWon: '{name} won',
  draw: 'A draw',
  byResignOfYou: 'You resigned.',
  byResign: '{name} resigned.',
  byClockOfYou: 'Your time ran out.',
  byClock: '{name}’s time ran out.',
  timeLeft: 'Time left',
  roundLine: 'Round {round}',
  rated: 'rated',
  perMove: '{seconds} s a move',
  replay: 'Replay',
  newTab: ', in a new tab',
  react: 'React',
  gesture_clap: 'applause',
  gesture_thumb: 'thumbs up',
  gesture_laugh: 'laughter',
  gesture_wow: 'surprise',
  gesture_sad: 'tears',
  gesture_angry: 'anger',
  gesture_think: 'thinking',
  gesture_party: 'hooray',
  rematch: 'Rematch',
  rematchAccept: 'Play again',
  rematchAsked: '{name} wants a rematch.',
  rematchWaiting: 'Waiting …',
  resign: 'Resign',
  resignSure: 'Really resign?',
  leave: 'Leave',
  leaveSure: 'Really leave?',
  watchingAs: 'You are watching.',
  stopWatching: 'Stop watching',

  // The line to the server
  lost: 'Connection lost. Reconnecting …',
  back: 'Connected again.',
  broken: 'This page and the server do not understand each other.',
  tryAgain: 'Try again',

  // Said to those who listen
  saidMove: '{name}: {mark}, {cell}.',
  saidMyMove: 'You: {mark}, {cell}.',
  saidStanding: '{standing}.',
  saidLeft: '{head}. {lead}',
  saidJoined: '{name} joined.',
  saidRound: 'Round {round}. You play {mark}.',
  saidRoundWatched: 'Round {round}.',
  saidAway: '{name} is away.',
  saidHere: '{name} is here again.',
  saidGesture: '{name}: {gesture}.',
  saidMyGesture: 'You: {gesture}.',
  cellEmpty: '{cell}, empty',
  cellTaken: '{cell}, {mark}',
  cell0: 'top left',
  cell1: 'top',
  cell2: 'top right',
  cell3: 'left',
  cell4: 'centre',
  cell5: 'right',
  cell6: 'bottom left',
  cell7: 'bottom',
  cell8: 'bottom right',

  // Why a room is gone
  closed_host_left: 'The host left, and the game is over.',
  closed_left: 'You left the game.',
  closed_expired: 'Nothing happened here for a long time, so the room was closed.',
  closed_not_found: 'There is no game with this code.',
  closed_gone: 'This game is over and gone.',
  closedLead: 'You can start a new one.',

  // Why a room cannot be looked at now
  trouble_network: 'No answer from the server',
  trouble_network_lead: 'Look at your connection, then try again.',
  trouble_too_many_requests: 'Too many tries from here',
  trouble_too_many_requests_lead: 'Please wait a moment, then try again.',
  trouble_no_replay: 'There is no such round',
  trouble_no_replay_lead: 'The link may not be whole, or the round was too long ago.',
  trouble_no_player: 'There is no such player',
  trouble_no_player_lead: 'The link may not be whole, or the player has asked to be forgotten.',
  trouble_other: 'The server is busy',
  trouble_other_lead: 'Please try again in a moment.',
  troubleWait: 'Please wait {time}, then try again.',

  // Why something was refused
  refused_too_fast: 'Not so fast, trying again …',
  refused_unavailable: 'The server is busy, trying again …',
  refused_not_your_turn: 'It is not your turn.',
  refused_cell_taken: 'That square is taken.',
  refused_stale: 'The game had moved on.',
  refused_not_playing: 'This round is over.',
  refused_not_over: 'This round is not over yet.',
  refused_other: 'The server did not take that.',

  // What went wrong with a form
  error_name_required: 'Please write a name.',
  error_name_too_long: 'At most 20 characters, please.',
  error_bad_code: 'Six characters, 0–9 and a–f.',
  error_game_not_found: 'There is no game with this code.',
  error_game_full: 'Both seats are taken.',
  error_too_many_requests: 'Too many tries. Please wait a moment.',
  error_unavailable: 'The server is busy. Please try again.',
  error_full: 'The server is full. Please try again later.',
  error_unauthorized: 'This browser is not known any more. Load the page again.',
  error_network: 'No answer from the server. Please try again.',
  error_other: 'That did not work. Please try again.',
};

/** @type {Record<string, Record<string, string>>} */
const counted = {
  draws: { one: '{n} draw', other: '{n} draws' },
  watching: { one: '{n} watching', other: '{n} watching' },
  inviteClock: { one: 'Each move has {n} second.', other: 'Each move has {n} seconds.' },
  saidClock: { one: '{n} second a move.', other: '{n} seconds a move.' },
  saidHurry: { one: '{n} second left.', other: '{n} seconds left.' },
  wait: { one: 'Too many tries. Please wait {n} second.', other: 'Too many tries. Please wait {n} seconds.' },
};

const plural = new Intl.PluralRules(language);

/** @typedef {Record<string, string | number>} Values */

/** @param {string} key @param {Values} [values] */
export function say(key, values = {}) {
  return parts(key, values)
    .map((part) => part.text)
    .join('');
}

/**
 * A sentence in pieces, so that the page can keep a name from disturbing the words around it: what was filled in
 * says its slot, the rest says none.
 * @param {string} key @param {Values} [values] @returns {{text: string, slot: string}[]}
 */
export function parts(key, values = {}) {
  const sentence = words[key] ?? key;
  return sentence
    .split(/(\{\w+\})/)
    .filter(Boolean)
    .map((piece) => {
      const slot = piece.slice(1, -1);
      const filled = piece.startsWith('{') && values[slot] !== undefined;
      return filled ? { text: String(values[slot]), slot } : { text: piece, slot: '' };
    });
}

/** @param {string} key @param {number} n */
export function count(key, n) {
  return counted[key][plural.select(n)].replace('{n}', String(n));
}

/**
 * A code from the server in words; one that is not known here gets the general ones.
 * @param {string} kind @param {string} code @param {string} [part]  of what is said in several
 */
export function reason(kind, code, part) {
  const tail = part ? `_${part}` : '';
  return words[`${kind}_${code}${tail}`] ?? words[`${kind}_other${tail}`] ?? '';
}

/** @param {number} seconds */
export const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

/** Words for more pages. @param {Record<string, string>} more @param {Record<string, Record<string, string>>} moreCounted */
export function addWords(more, moreCounted) {
  Object.assign(words, more);
  Object.assign(counted, moreCounted);
}

export const keys = () => Object.keys(words);
