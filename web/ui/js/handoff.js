// The other end of *My other device*: an identity is taken over when that is said, and not because a link was looked at.
import { ApiError } from './api.js';
import { openArchive } from './archive.js';
import { button, el, sentence } from './build.js';
import { setText } from './dom.js';
import { called } from './names.js';
import { reason, say } from './text.js';

/** @param {HTMLElement} root @param {import('./extras.js').Around} around @returns {Promise<import('./extras.js').Extra>} */
export async function open(root, { ask, seats, tell, go, named }) {
  const archive = openArchive(ask);
  // Behind the # a browser sends nothing to a server.
  const token = location.hash.slice(1);
  const error = el('p.error');
  const head = el('h1', { tabindex: '-1' }, say(token ? 'handoffHead' : 'handoffGone'));
  const lead = el('p.lead', {}, say(token ? 'handoffLead' : 'handoffAgain'));
  const actions = el('div.actions', {});
  const gone = () => {
    setText(head, say('handoffGone'));
    setText(lead, say('handoffAgain'));
    actions.replaceChildren(el('a.solid', { href: '/' }, say('startGame')));
    tell(say('handoffGone'));
    head.focus();
  };
  let busy = false;
  const take = button('button.solid', 'handoffTake', async () => {
    if (busy) return;
    busy = true;
    setText(error, '');
    try {
      const player = await archive.take(token);
      seats.setName(player.name);
      named(player.name);
      // The token is spent: whoever goes back need not see its page again.
      history.replaceState(null, '', '/me');
      tell(say('handoffDone', { name: called(player) }));
      go('/me');
    } catch (failure) {
      const { code } = failure instanceof ApiError ? failure : new ApiError('other');
      if (code === 'not_found') return gone();
      setText(error, reason('error', code));
      tell(reason('error', code));
    } finally {
      busy = false;
    }
  });
  const page = el('section.below.paper', { 'data-ink': 'X' }, head, lead);
  root.append(page);
  if (!token) {
    actions.append(el('a.solid', { href: '/' }, say('startGame')));
  } else {
    const mine = await archive.me().catch(() => null);
    if (mine) page.append(sentence('p.lead', 'handoffLoses', { name: called(mine) }));
    actions.append(take);
  }
  page.append(actions, error);
  return { title: say('device'), stop: () => {} };
}
