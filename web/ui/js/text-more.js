// The words of the pages that are loaded later, and how such a page writes times.
import { addWords, language } from './text.js';

addWords(
  {
    // Replay
    wentAway: '{name} left',
    brokenOff: 'The round was broken off',
    steps: 'Steps',
    step_first: 'To the start',
    step_back: 'Back',
    step_play: 'Play',
    step_pause: 'Pause',
    step_forward: 'Forward',
    step_last: 'To the end',
    stepStart: 'Before the first move.',
    stepMove: 'Move {n}: {name}, {mark}, {cell}: {verdict}.',
    moves: 'Moves',
    moveRow: '{cell}: {verdict}',
    verdict_wins: 'wins',
    verdict_keptWin: 'keeps the win',
    verdict_keptDraw: 'keeps the draw',
    verdict_gaveWin: 'gives the win away',
    verdict_gaveDraw: 'gives the draw away',
    verdict_lost: 'lost anyway',
    turningPoint: 'Turning point: move {n}, {name} {verdict}.',
    nothingGiven: 'Nobody gave anything away.',
    noMoves: 'Nobody moved.',
    boardEmpty: 'The board is empty',

    // Profile
    startGame: 'Start a game',
    ratingIs: 'Rating {rating} ± {deviation}',
    notRated: 'Not rated yet: quick matches are.',
    figure_played: 'Played',
    figure_won: 'Won',
    figure_lost: 'Lost',
    figure_drawn: 'Drawn',
    figure_abandoned: 'Abandoned',
    figure_streak: 'Wins in a row',
    figure_bestStreak: 'Most in a row',
    games: 'Games',
    noGames: 'No round is over yet.',
    moreGames: 'Older games',
    against: 'against',
    result_won: 'Won',
    result_lost: 'Lost',
    result_drawn: 'Drawn',
    result_abandoned: 'Abandoned',
    othersSee: 'What others see of me',
    nobodyHead: 'No games here yet',
    nobodyLead: 'From your first game on, this page keeps your games and statistics. There is no account: this browser is known by a cookie.',
    nobodyOther: 'Have you played on another device? Open My games there, and My other device on that page.',

    // One's own identity
    device: 'My other device',
    deviceLead: 'Be the same player on your phone or another computer: make a link here, and open it there.',
    deviceMake: 'Make a link',
    deviceMade: 'The link is there. It is good for five minutes.',
    deviceLeft: 'Scan this with the other device, or send it the link. It works once, and for {time} more.',
    deviceLate: 'The link is too old now. Make a new one.',
    forgetHead: 'Forget me',
    forgetLead: 'Your statistics and your rating are deleted, and your name is taken off your games. This cannot be undone.',
    forget: 'Forget me',
    forgetSure: 'Really forget me?',
    forgottenHead: 'You are forgotten',
    forgottenLead: 'Your statistics are gone, and your name is off your games. With your next game you are somebody new.',
    handoffHead: 'Go on as the same player here?',
    handoffLead: 'This browser is going to be the player who made this link, with all games and the rating.',
    handoffLoses: 'Until now it has been {name}, whom it then knows no more.',
    handoffTake: 'Go on here',
    handoffDone: 'You are {name} here now.',
    handoffGone: 'This link is of no use any more',
    handoffAgain: 'It works once, and for five minutes. Make a new one on the other device: My games, My other device.',

    // Leaderboard
    leadersLead: 'By rating. Only quick matches are rated, and it takes about fifteen of them to be listed.',
    noLeaders: 'Nobody is listed yet.',
    rank: 'Rank',
    leader: 'Player',
    rating: 'Rating',
    deviation: 'Deviation',
  },
  {
    moveCount: { one: '{n} move', other: '{n} moves' },
    moreCame: { one: '{n} more game.', other: '{n} more games.' },
  },
);

/** A time for a move, to a tenth of a second. @param {number} ms */
export const seconds = (ms) => `${tenths.format(ms / 1000)} s`;
const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A moment, as it is written where the reader lives. @param {string} moment */
export const when = (moment) => dates.format(new Date(moment));
const home = typeof navigator === 'object' && navigator.language?.startsWith(language) ? navigator.language : language;
const dates = new Intl.DateTimeFormat(home, { dateStyle: 'medium', timeStyle: 'short' });
