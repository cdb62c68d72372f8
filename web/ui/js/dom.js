// The few things done to the document, each of which does nothing if nothing changes: rendering may then run as
// often as it likes, and a screen reader or an animation is never disturbed by it.
import { parts } from './text.js';

/** @param {string} id @returns {HTMLElement} */
export function at(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`no element #${id}`);
  return element;
}

/** @param {string} id */
export const field = (id) => /** @type {HTMLInputElement} */ (at(id));

/** @param {Element} within @param {string} selector @returns {HTMLElement} */
export function one(within, selector) {
  const element = within.querySelector(selector);
  if (!element) throw new Error(`no ${selector}`);
  return /** @type {HTMLElement} */ (element);
}

/** @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {Element} element @param {string} name @param {string | boolean} value  false takes it away */
export function setAttribute(element, name, value) {
  const text = value === true ? '' : value;
  if (text === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/** @param {HTMLElement} element @param {boolean} yes */
export function show(element, yes) {
  if (element.hidden === yes) element.hidden = !yes;
}

/**
 * A sentence with names in it. A name is isolated (it may run from right to left) and is what gives way when there
 * is no room, so that the words that matter stay.
 * @param {Element} element @param {string} key @param {import('./text.js').Values} [values]
 */
export function setSentence(element, key, values) {
  const pieces = key ? parts(key, values) : [];
  const whole = pieces.map((piece) => (piece.slot ? `<${piece.text}>` : piece.text)).join('\n');
  if (sentences.get(element) === whole) return;
  sentences.set(element, whole);
  element.replaceChildren(
    ...pieces.map(({ text, slot }) => {
      const span = document.createElement(NAMES.has(slot) ? 'bdi' : 'span');
      span.textContent = text;
      return span;
    }),
  );
}

const NAMES = new Set(['name', 'host', 'guest']);

/** @type {WeakMap<Element, string>} */
const sentences = new WeakMap();

/**
 * @param {string} name @param {Record<string, string>} attributes @param {Element[]} children
 * @returns {SVGElement}
 */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}
