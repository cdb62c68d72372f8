// Who somebody is here: their figures and their games; of oneself also what only oneself may do.
import { ApiError } from './api.js';
import { openArchive } from './archive.js';
import { el } from './build.js';
import { deviceSection, forgetSection } from './device.js';
import { gamesSection } from './games.js';
import { called } from './names.js';
import { say } from './text.js';

/** @typedef {import('./archive.js').PlayerStats} PlayerStats */

/** @param {HTMLElement} root @param {import('./extras.js').Around} around @returns {Promise<import('./extras.js').Extra>} */
export async function open(root, around) {
  const archive = openArchive(around.ask);
  const mine = around.id === '';
  if (around.missing) throw new ApiError('not_found');
  const player = await (mine ? archive.me().catch(unlessNobody) : archive.player(around.id));
  if (!player) {
    root.append(notice('nobodyHead', 'nobodyLead', 'nobodyOther'));
    return { title: say('profile'), stop: () => {} };
  }
  const games = await gamesSection((before) => archive.games(player.id, before), around.tell);
  const page = el('div.below.paper', { 'data-ink': 'X' }, el('h1', { tabindex: '-1' }, el('bdi', {}, called(player))), ratingOf(player), figuresOf(player), games);
  root.append(page);
  if (!mine) return { title: called(player), stop: () => {} };

  const device = deviceSection(archive, around.tell);
  const forgotten = () => {
    device.stop();
    around.seats.setName('');
    around.named('');
    page.replaceWith(notice('forgottenHead', 'forgottenLead'));
    around.titled(say('forgottenHead'));
    around.tell(say('forgottenHead'));
    root.querySelector('h1')?.focus();
  };
  const others = el('p', {}, el('a.plain', { href: `/player/${player.id}` }, say('othersSee')));
  page.append(others, device.element, forgetSection(archive, around.tell, forgotten));
  return { title: say('profile'), stop: device.stop };
}

/** No identity is no failure. @param {unknown} error @returns {null} */
function unlessNobody(error) {
  if (error instanceof ApiError && error.code === 'unauthorized') return null;
  throw error;
}

/** A page that only says something. @param {string} head @param {string[]} leads */
function notice(head, ...leads) {
  const words = leads.map((lead) => el('p.lead', {}, say(lead)));
  const start = el('div.actions', {}, el('a.solid', { href: '/' }, say('startGame')));
  return el('section.below.paper', { 'data-ink': 'X' }, el('h1', { tabindex: '-1' }, say(head)), ...words, start);
}

/** @param {PlayerStats} player */
function ratingOf({ rating, rating_deviation: deviation }) {
  if (rating === undefined) return el('p.lead', {}, say('notRated'));
  return el('p.lead', {}, say('ratingIs', { rating, deviation: deviation ?? 0 }));
}

/** @param {PlayerStats} player */
function figuresOf(player) {
  const figures = [
    ['played', player.played],
    ['won', player.won],
    ['lost', player.lost],
    ['drawn', player.drawn],
    ['abandoned', player.abandoned],
    ['streak', player.streak],
    ['bestStreak', player.best_streak],
  ];
  const cells = figures.map(([key, n]) => el('div', { 'data-figure': String(key) }, el('dt', {}, say(`figure_${key}`)), el('dd', {}, String(n))));
  return el('dl.figures', {}, ...cells);
}
