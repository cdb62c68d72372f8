// The button that opens the eight gestures, and the gestures.
import { at, setAttribute, show } from './dom.js';
import { canReact, EMOJIS, mayReact } from './reactions.js';
import { say } from './text.js';

/** @param {(emoji: string) => void} react */
export function wireGestures(react) {
  const opener = at('react-open');
  const list = at('gestures');
  for (const [name, emoji] of Object.entries(EMOJIS)) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = emoji;
    button.setAttribute('aria-label', say(`gesture_${name}`));
    button.addEventListener('click', () => {
      react(emoji);
      open(false);
      opener.focus();
    });
    list.append(button);
  }
  /** @param {boolean} yes */
  const open = (yes) => {
    show(list, yes);
    setAttribute(opener, 'aria-expanded', yes ? 'true' : 'false');
  };
  open(false);
  opener.addEventListener('click', () => {
    if (opener.getAttribute('aria-disabled') === 'true') return;
    open(list.hidden);
    if (!list.hidden) /** @type {HTMLElement} */ (list.firstElementChild).focus();
  });
  // Elsewhere by pointer or by key: not by the mere loss of focus, since not every browser focuses what is clicked.
  /** @param {EventTarget | null} target */
  const elsewhere = (target) => target instanceof Node && !at('react').contains(target);
  document.addEventListener('pointerdown', ({ target }) => elsewhere(target) && open(false));
  at('react').addEventListener('focusout', ({ relatedTarget }) => elsewhere(relatedTarget) && open(false));
  list.addEventListener('keydown', (event) => {
    // The board must not take these keys.
    if (/^([1-9]|Arrow.*)$/.test(event.key)) event.stopPropagation();
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (step) move(list, step);
    if (step) event.preventDefault();
    if (event.key === 'Escape') opener.focus();
    if (event.key === 'Escape') open(false);
  });
}

/** @param {HTMLElement} list @param {number} step */
function move(list, step) {
  const buttons = /** @type {HTMLElement[]} */ ([...list.children]);
  const from = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  buttons[(from + step + buttons.length) % buttons.length].focus();
}

/** @param {import('./types.js').Game} game @param {number} now */
export function renderGestures(game, now) {
  show(at('react'), mayReact(game));
  if (!mayReact(game)) show(at('gestures'), false);
  setAttribute(at('react-open'), 'aria-disabled', canReact(game, now) ? 'false' : 'true');
}
