// The best by rating.
import { openArchive } from './archive.js';
import { el, nameLink } from './build.js';
import { called } from './names.js';
import { say } from './text.js';

/** @param {HTMLElement} root @param {import('./extras.js').Around} around @returns {Promise<import('./extras.js').Extra>} */
export async function open(root, { ask }) {
  const { players } = await openArchive(ask).leaders();
  const page = el('section.below.paper', { 'data-ink': 'X' }, el('h1', { tabindex: '-1' }, say('leaderboard')), el('p.lead', {}, say('leadersLead')));
  if (players.length) page.append(tableOf(players));
  else page.append(el('p.lead', {}, say('noLeaders')), el('div.actions', {}, el('a.solid', { href: '/' }, say('startGame'))));
  root.append(page);
  return { title: say('leaderboard'), stop: () => {} };
}

/** @param {import('./archive.js').Leader[]} players */
function tableOf(players) {
  const heads = ['rank', 'leader', 'rating', 'deviation', 'figure_played'].map((key) => el('th', { scope: 'col', 'data-column': key }, say(key)));
  const rows = players.map((player) =>
    el(
      'tr',
      {},
      el('td', { 'data-column': 'rank' }, String(player.rank)),
      el('th', { scope: 'row' }, nameLink(player, called(player))),
      el('td', {}, String(player.rating)),
      el('td', { 'data-column': 'deviation' }, `± ${player.rating_deviation}`),
      el('td', {}, String(player.played)),
    ),
  );
  return el('table.leaders', {}, el('thead', {}, el('tr', {}, ...heads)), el('tbody', {}, ...rows));
}
