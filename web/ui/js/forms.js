// The forms: a new game in one of three ways, a code, an invitation. They check what can be checked here, say what is wrong in
// place, and hand the rest on.
import { at, field, one, setAttribute, setText } from './dom.js';
import { codeIn, nameFault, neverCode } from './entrance.js';
import { count, reason, say } from './text.js';

/**
 * @typedef {object} Answers
 * @property {(name: string, wishes: import('./api.js').Wishes) => Promise<void>} create
 * @property {(name: string) => Promise<void>} match
 * @property {(code: string, name: string) => Promise<void>} enter  a code typed on the start page
 * @property {(name: string) => Promise<void>} join                an invitation accepted
 * @property {(words: string) => void} tell                        to the live region
 */

/** @param {Answers} answers @param {string} name  the one used last time */
export function wireForms(answers, name) {
  fillName(name);

  wire('new-form', 'new-name', 'new-error', answers.tell, async (button) => {
    const name = nameFrom('new-name');
    const seconds = Number(field('new-clock').value);
    if (button.id === 'quick-match') await answers.match(name);
    else if (button.value) await answers.create(name, { opponent: button.value });
    else await answers.create(name, seconds ? { turn_seconds: seconds } : {});
  });
  wire('join-form', 'join-name', 'join-error', answers.tell, async () => {
    await answers.join(nameFrom('join-name'));
  });
  wire('code-form', 'code-field', 'code-error', answers.tell, async () => {
    const code = codeIn(field('code-field').value);
    if (!code) throw { code: 'bad_code' };
    await answers.enter(code, field('new-name').value.trim());
  });

  // A code that cannot become one any more is said to be so while it is being typed.
  field('code-field').addEventListener('input', () => {
    const typed = field('code-field').value;
    const bad = neverCode(typed) && !codeIn(typed);
    fault('code-field', 'code-error', bad ? reason('error', 'bad_code') : '');
  });
}

/** A name given in one form is not asked for again in the other. @param {string} name */
export function fillName(name) {
  for (const id of ['new-name', 'join-name']) field(id).value = name;
}

/** @param {string} id */
function nameFrom(id) {
  const name = field(id).value.trim();
  const code = nameFault(name);
  if (code) throw { code };
  return name;
}

/** @param {string} input @param {string} place @param {string} words */
function fault(input, place, words) {
  setText(at(place), words);
  setAttribute(at(input), 'aria-invalid', words ? 'true' : false);
}

/**
 * @param {string} form @param {string} input @param {string} place
 * @param {(words: string) => void} tell
 * @param {(button: HTMLButtonElement) => Promise<void>} run  told which of the form's buttons it was
 */
function wire(form, input, place, tell, run) {
  let busy = false;
  field(input).addEventListener('input', () => fault(input, place, ''));
  at(form).addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = event.submitter ?? one(at(form), 'button');
    if (busy) return; // a second tap must not make a second game
    busy = true;
    setAttribute(at(form), 'data-busy', true);
    fault(input, place, '');
    try {
      await run(/** @type {HTMLButtonElement} */ (button));
    } catch (error) {
      const { code, wait } = /** @type {{code?: string, wait?: number}} */ (error);
      const words = code === 'too_many_requests' && wait ? count('wait', wait) : reason('error', code ?? 'other');
      fault(input, place, words);
      field(input).focus();
      tell(words);
    } finally {
      busy = false;
      setAttribute(at(form), 'data-busy', false);
    }
  });
}

const SURE_MS = 4_000;

/**
 * A button that asks once more, in its own place, before it does what cannot be undone.
 * @param {HTMLElement} button @param {string} ask @param {string} sure @param {() => void} run
 */
export function twoStep(button, ask, sure, run) {
  /** @type {any} */ let timer;
  const reset = () => {
    clearTimeout(timer);
    setText(button, say(ask));
    setAttribute(button, 'data-sure', false);
  };
  reset();
  button.addEventListener('blur', reset);
  button.addEventListener('click', () => {
    if (button.hasAttribute('data-sure')) {
      reset();
      run();
      return;
    }
    setText(button, say(sure));
    setAttribute(button, 'data-sure', true);
    timer = setTimeout(reset, SURE_MS);
  });
}
