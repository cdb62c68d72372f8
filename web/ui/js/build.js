// Elements for the pages that are loaded later, which bring their own.
import { setSentence } from './dom.js';
import { say } from './text.js';
import './text-more.js';

/** @typedef {Record<string, string | boolean>} Attributes  false: not there */

/**
 * @param {string} name  with its classes, as in `p.lead`
 * @param {Attributes} attributes
 * @param {(Node | string)[]} children
 */
export function el(name, attributes = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(attributes)) if (value !== false) element.setAttribute(key, value === true ? '' : value);
  element.append(...children);
  return element;
}

/** A sentence with names in it; see setSentence. @param {string} name @param {string} key @param {import('./text.js').Values} [values] */
export function sentence(name, key, values) {
  const element = el(name);
  setSentence(element, key, values);
  return element;
}

/** A button that says what it does. @param {string} name @param {string} key @param {() => void} press */
export function button(name, key, press) {
  const element = el(name, { type: 'button' }, say(key));
  element.addEventListener('click', press);
  return element;
}

/** A name, which leads to its player where that is known. @param {{id?: string}} player @param {string} name */
export const nameLink = ({ id }, name) => (id ? el('a.name', { href: `/player/${id}` }, el('bdi', {}, name)) : el('bdi.name', {}, name));
