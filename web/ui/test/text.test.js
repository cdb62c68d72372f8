import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { announce, standing } from '../js/announce.js';
import { cellOfDigit, stepFrom } from '../js/input.js';
import * as state from '../js/state.js';
import '../js/text-more.js';
import { clock, count, keys, language, parts, reason, say } from '../js/text.js';
import { viewOf } from './fakes.js';

const ui = new URL('../', import.meta.url);
const read = (path) => readFileSync(new URL(path, ui), 'utf8');

test('sentences are filled in, and a name never becomes a sentence', () => {
  assert.equal(say('theirTurn', { name: 'Bob' }), 'Bob’s turn');
  assert.equal(say('theirTurn', { name: '{name}' }), '{name}’s turn');
  assert.deepEqual(parts('theirTurn', { name: '<b>' }), [
    { text: '<b>', slot: 'name' },
    { text: '’s turn', slot: '' },
  ]);
  assert.equal(count('draws', 1), '1 draw');
  assert.equal(count('draws', 2), '2 draws');
  assert.equal(clock(121), '2:01');
});

test('every code of the contract has words of its own', () => {
  const general = [reason('refused', 'nonsense'), reason('error', 'nonsense')];
  for (const code of ['too_fast', 'not_playing', 'stale', 'not_your_turn', 'cell_taken', 'not_over', 'unavailable'])
    assert.ok(!general.includes(reason('refused', code)), code);
  for (const code of ['name_required', 'name_too_long', 'game_not_found', 'game_full', 'too_many_requests', 'unavailable'])
    assert.ok(!general.includes(reason('error', code)), code);
  const closed = ['host_left', 'left', 'expired', 'not_found', 'gone'].map((why) => say(`closed_${why}`));
  assert.equal(new Set(closed).size, 5);
  assert.ok(closed.every((words) => !words.startsWith('closed_')));
});

test('no key is missing, and none is left over', () => {
  const known = new Set(keys());
  const html = read('index.html');
  for (const [, key] of html.matchAll(/data-(?:text|label)="(\w+)"/g)) assert.ok(known.has(key), key);
  const code = readdirSync(new URL('js/', ui))
    .filter((file) => file.endsWith('.js') && !file.startsWith('text'))
    .map((file) => read(`js/${file}`))
    .join('\n');
  for (const [, key] of code.matchAll(/\bsay\('(\w+)'/g)) assert.ok(known.has(key), key);
  const built = /^(cell\d|closed_|trouble_|refused_|error_|level_|gesture_|verdict_|step_|result_|figure_)/;
  for (const key of known)
    if (!built.test(key)) assert.ok(code.includes(`'${key}'`) || html.includes(`"${key}"`), `${key} is not used`);
});

test('where no script runs, the words are the same', () => {
  const html = read('index.html');
  const manifest = JSON.parse(read('manifest.webmanifest'));
  assert.match(html, new RegExp(`<html lang="${language}">`));
  assert.ok(html.includes(`<title>${say('title')}</title>`));
  assert.ok(html.includes(`id="description" content="${say('description')}"`));
  assert.deepEqual([manifest.lang, manifest.name, manifest.short_name, manifest.description], [language, say('title'), say('title'), say('description')]);
  // Whatever else the page says is text.js's.
  const body = html.slice(html.indexOf('<body')).replace(/<noscript>.*<\/noscript>/s, '');
  assert.doesNotMatch(body.replace(/<[^>]*>/g, ''), /\p{L}/u);
});

test('what hinders a look has words of its own', () => {
  const codes = ['network', 'too_many_requests', 'unavailable'];
  for (const part of [undefined, 'lead']) {
    const said = codes.map((code) => reason('trouble', code, part));
    assert.equal(new Set(said).size, 3);
    assert.ok(said.every(Boolean));
  }
  assert.equal(count('wait', 1), 'Too many tries. Please wait 1 second.');
});

const seated = (you) => state.welcomed(state.begin('a1b2c3'), you);

test('a move and the turn are said once, in words', () => {
  const before = state.viewed(seated('host'), viewOf(), 0);
  const pending = state.pressed(before, 4);
  assert.equal(announce(before, pending), '', 'not while it is pending');
  const after = state.viewed(pending, viewOf({ rev: 2, ply: 1, turn: 'O', board: '....X....' }), 0);
  assert.equal(announce(pending, after), 'You: X, centre. Bob’s turn.');
  const again = state.viewed(after, viewOf({ rev: 2, ply: 1, turn: 'O', board: '....X....', watching: 1 }), 0);
  assert.equal(announce(after, again), '');
  const answer = state.viewed(again, viewOf({ rev: 3, ply: 2, board: 'O...X....' }), 0);
  assert.equal(announce(again, answer), 'Bob: O, top left. Your turn.');
});

test('ends, beginnings and arrivals are said', () => {
  const alone = state.viewed(seated('host'), viewOf({ phase: 'waiting', guest: null, round: 0, turn: '' }), 0);
  const playing = state.viewed(alone, viewOf({ rev: 2 }), 0);
  assert.equal(announce(alone, playing), 'Bob joined. Round 1. You play X. Your turn.');
  const over = viewOf({ rev: 3, phase: 'over', turn: '', winner: 'O', ended: 'resign' });
  assert.equal(announce(playing, state.viewed(playing, over, 0)), 'You resigned. Bob won.');
  const gone = viewOf({ rev: 4, phase: 'waiting', guest: null, turn: '', ended: 'left' });
  assert.match(announce(playing, state.viewed(playing, gone, 0)), /^Bob left the game/);
});

test('standing is told from where one sits', () => {
  const view = viewOf({ phase: 'over', turn: '', winner: 'X', ended: 'line' });
  assert.equal(standing(state.viewed(seated('host'), view, 0))[0], 'youWon');
  assert.deepEqual(standing(state.viewed(seated('guest'), view, 0)), ['theyWon', { name: 'Ann' }]);
  assert.equal(standing(state.viewed(seated('guest'), viewOf({ phase: 'over', turn: '', ended: 'draw' }), 0))[0], 'draw');
});

test('keys lead where they should', () => {
  assert.equal(stepFrom(4, 'ArrowUp'), 1);
  assert.equal(stepFrom(0, 'ArrowLeft'), 0);
  assert.equal(stepFrom(8, 'ArrowDown'), 8);
  assert.equal(stepFrom(3, 'ArrowRight'), 4);
  assert.deepEqual(['1', '9', '0', 'a', 'F1'].map(cellOfDigit), [0, 8, -1, -1, -1]);
});
