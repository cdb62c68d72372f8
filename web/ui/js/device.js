// What one may do with one's own identity: hand it to another device, or have it forgotten.
import { ApiError } from './api.js';
import { button, el } from './build.js';
import { setText, show } from './dom.js';
import { twoStep } from './forms.js';
import { drawQR, wireCopy } from './share.js';
import { clock, reason, say } from './text.js';

/** @typedef {ReturnType<typeof import('./archive.js').openArchive>} Archive */

/**
 * A link is made only when asked for, and is gone from the page when it is of no use any more.
 * @param {Archive} archive @param {(words: string) => void} tell
 */
export function deviceSection(archive, tell) {
  const error = el('p.error');
  const qr = el('div.qr', { role: 'img', 'aria-label': say('qr') });
  const link = /** @type {HTMLInputElement} */ (el('input.mono', { readonly: true, 'aria-label': say('link'), dir: 'ltr' }));
  const copy = el('button.lined', { type: 'button' });
  wireCopy(copy, link, tell);
  const left = el('p.lead.left');
  const offer = el('div.offer', {}, qr, el('div', {}, left, link, el('div.actions', {}, copy)));
  let until = 0;
  /** @type {any} */ let timer;

  const draw = () => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    show(offer, seconds > 0);
    setText(left, seconds > 0 ? say('deviceLeft', { time: clock(seconds) }) : '');
    if (seconds > 0) return;
    clearInterval(timer);
    link.value = '';
    if (until) setText(error, say('deviceLate'));
  };
  const make = button('button.lined', 'deviceMake', () =>
    trying(error, tell, async () => {
      const made = await archive.offer();
      until = Date.now() + made.expires_in_ms;
      link.value = location.origin + made.link;
      drawQR(qr, link.value);
      clearInterval(timer);
      timer = setInterval(draw, 1000);
      draw();
      tell(say('deviceMade'));
    }),
  );
  draw();
  const element = el('section', {}, el('h2', {}, say('device')), el('p.lead', {}, say('deviceLead')), el('div.actions', {}, make), error, offer);
  return { element, stop: () => clearInterval(timer) };
}

/** @param {Archive} archive @param {(words: string) => void} tell @param {() => void} done */
export function forgetSection(archive, tell, done) {
  const error = el('p.error');
  const forget = el('button.lined', { type: 'button', 'data-ink': 'O' });
  twoStep(forget, 'forget', 'forgetSure', () =>
    trying(error, tell, async () => {
      await archive.forget();
      done();
    }),
  );
  return el('section', {}, el('h2', {}, say('forgetHead')), el('p.lead', {}, say('forgetLead')), el('div.actions', {}, forget), error);
}

/** @param {HTMLElement} error @param {(words: string) => void} tell @param {() => Promise<void>} run */
async function trying(error, tell, run) {
  setText(error, '');
  try {
    await run();
  } catch (failure) {
    const words = reason('error', failure instanceof ApiError ? failure.code : 'other');
    setText(error, words);
    tell(words);
  }
}
