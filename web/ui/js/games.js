// The finished rounds of a player, newest first, a page at a time.
import { ApiError } from './api.js';
import { button, el, nameLink } from './build.js';
import { setAttribute, setText, show } from './dom.js';
import { calledInFull } from './names.js';
import { when } from './text-more.js';
import { count, reason, say } from './text.js';

/** @typedef {import('./archive.js').PlayedGame} PlayedGame */
/** @typedef {import('./archive.js').GamesPage} GamesPage */

/** @typedef {{games: PlayedGame[], next: string}} Listed  next: where to go on, empty at the end */

/** @type {Listed} */
export const NONE = { games: [], next: '' };

/** What is listed with one more page. A round stands in it once, whatever was asked twice. @param {Listed} listed @param {GamesPage} page @returns {Listed} */
export function withPage({ games }, { games: more, next = '' }) {
  const known = new Set(games.map(({ id }) => id));
  return { games: [...games, ...more.filter(({ id }) => !known.has(id))], next };
}

/**
 * The list, with its first page.
 * @param {(before?: string) => Promise<GamesPage>} load @param {(words: string) => void} tell
 */
export async function gamesSection(load, tell) {
  let listed = withPage(NONE, await load());
  let busy = false;
  const list = el('ol.games');
  const error = el('p.error');
  const more = button('button.lined', 'moreGames', async () => {
    if (busy) return;
    busy = true;
    try {
      const [length, before] = [listed.games.length, listed.next];
      listed = withPage(listed, await load(before));
      setText(error, '');
      draw();
      tell(count('moreCame', listed.games.length - length));
      // Who presses by key goes on where the new ones begin.
      /** @type {HTMLElement | null} */ (list.children[length]?.querySelector('a'))?.focus();
    } catch (failure) {
      setText(error, reason('error', failure instanceof ApiError ? failure.code : 'other'));
      tell(error.textContent ?? '');
    } finally {
      busy = false;
    }
  });
  const draw = () => {
    list.append(...listed.games.slice(list.children.length).map(gameRow));
    show(more, listed.next !== '');
  };
  draw();
  if (listed.games.length === 0) return el('section', {}, el('h2', {}, say('games')), el('p.lead', {}, say('noGames')));
  return el('section', {}, el('h2', {}, say('games')), list, error, more);
}

/** @param {PlayedGame} game */
function gameRow(game) {
  const result = el('a.result', { href: game.replay }, el('span.sr-only', {}, `${say('replay')}: `), say(`result_${game.result}`));
  const opponent = el('p.against', {}, `${say('against')} `, nameLink(game.opponent, calledInFull(game.opponent)));
  const facts = [count('moveCount', game.moves), ...(game.rated ? [say('rated')] : []), when(game.finished)];
  const row = el('li', { 'data-ink': game.mark, 'data-result': game.result }, el('span.mark', { 'aria-hidden': 'true' }, game.mark), result, opponent, el('p.facts', {}, facts.join(' · ')));
  setAttribute(row, 'data-rated', game.rated);
  return row;
}
