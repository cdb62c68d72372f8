// Getting a link to somebody: copy, the system's share sheet, a QR code.
import { at, field, setAttribute, setText, show, svg } from './dom.js';
import { say } from './text.js';
import { generate } from './vendor/lean-qr.mjs';

/** @param {string} code */
const linkTo = (code) => `${location.origin}/game/${code}`;

/** @param {string} code */
export function renderShare(code) {
  setText(at('wait-code'), code);
  const link = linkTo(code);
  if (field('wait-link').value !== link) field('wait-link').value = link;
  show(at('share'), typeof navigator.share === 'function');
  drawQR(at('qr'), link);
}

/** @param {HTMLElement} root @param {string} link */
export function drawQR(root, link) {
  if (root.dataset.link === link) return;
  root.dataset.link = link;
  const code = generate(link);
  let d = '';
  for (let y = 0; y < code.size; y++)
    for (let x = 0; x < code.size; x++) if (code.get(x, y)) d += `M${x} ${y}h1v1h-1z`;
  // Four quiet modules around it, as readers of the code want.
  const box = `-4 -4 ${code.size + 8} ${code.size + 8}`;
  root.replaceChildren(svg('svg', { viewBox: box, 'aria-hidden': 'true' }, svg('path', { d })));
}

/** @param {(words: string) => void} tell */
export function wireShare(tell) {
  wireCopy(at('copy'), field('wait-link'), tell);

  at('share').addEventListener('click', () => {
    // Changing one's mind in the share sheet is no error.
    navigator.share({ title: say('title'), text: say('shareText'), url: field('wait-link').value }).catch(() => {});
  });
}

/** A button that copies the link beside it, and says so. @param {HTMLElement} button @param {HTMLInputElement} link @param {(words: string) => void} tell */
export function wireCopy(button, link, tell) {
  link.addEventListener('focus', () => link.select());
  setText(button, say('copy'));
  /** @type {any} */ let timer;
  button.addEventListener('click', async () => {
    const words = say((await copy(link)) ? 'copied' : 'selected');
    setText(button, words);
    setAttribute(button, 'data-done', true);
    tell(words);
    clearTimeout(timer);
    timer = setTimeout(() => {
      setText(button, say('copy'));
      setAttribute(button, 'data-done', false);
    }, 2500);
  });
}

/**
 * Over plain http there is no clipboard; the old command still works there, and where even that does not, the
 * link is left selected.
 * @param {HTMLInputElement} link
 */
async function copy(link) {
  try {
    await navigator.clipboard.writeText(link.value);
    return true;
  } catch {
    link.focus();
    link.setSelectionRange(0, link.value.length);
    return document.execCommand('copy');
  }
}
