import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterLook, codeIn, nameFault, neverCode, straightIn } from '../js/entrance.js';
import { openSeats } from '../js/seats.js';
import { viewOf } from './fakes.js';

function storage() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, String(value)),
    removeItem: (key) => kept.delete(key),
  };
}

let time = 0;
const tabOf = (browser, tab = storage()) => openSeats(() => tab, () => browser, () => ++time);
const ann = { seat: 'secret-a', you: 'host', name: 'Ann' };
const bob = { seat: 'secret-b', you: 'guest', name: 'Bob' };
const waiting = () => viewOf({ phase: 'waiting', guest: null, round: 0, turn: '' });

test('two tabs of one browser are host and guest, each keeping its own over a reload', () => {
  const browser = storage();
  const [first, second] = [storage(), storage()];
  tabOf(browser, first).take('a1b2c3', ann);
  tabOf(browser, second).take('a1b2c3', bob);
  assert.equal(straightIn(tabOf(browser, first), 'a1b2c3').seat.name, 'Ann');
  assert.equal(straightIn(tabOf(browser, second), 'a1b2c3').seat.name, 'Bob');
  assert.equal(straightIn(tabOf(browser), 'a1b2c3'), null);
});

test('a new tab takes the seat last used', () => {
  const browser = storage();
  tabOf(browser).take('a1b2c3', ann);
  tabOf(browser).take('a1b2c3', bob);
  assert.equal(afterLook(tabOf(browser), viewOf()).seat.name, 'Bob');
  tabOf(browser).take('a1b2c3', ann);
  assert.equal(afterLook(tabOf(browser), viewOf()).seat.name, 'Ann');
  assert.equal(tabOf(browser).ofRoom('a1b2c3').length, 2);
});

test('while the room waits, a new tab is invited, with the seat beside it', () => {
  const browser = storage();
  tabOf(browser).take('a1b2c3', ann);
  const entrance = afterLook(tabOf(browser), waiting());
  assert.equal(entrance.screen, 'invite');
  assert.deepEqual(entrance.mine.map((seat) => seat.name), ['Ann']);
});

test('without a seat: invited while it waits, offered to watch when it is full', () => {
  assert.equal(afterLook(tabOf(storage()), waiting()).screen, 'invite');
  assert.equal(afterLook(tabOf(storage()), viewOf()).screen, 'full');
});

test('who watches goes on watching after a reload, until there is a seat', () => {
  const tab = storage();
  const seats = tabOf(storage(), tab);
  seats.watch('a1b2c3', true);
  assert.deepEqual(straightIn(tabOf(storage(), tab), 'a1b2c3'), { screen: 'game', seat: null });
  seats.take('a1b2c3', bob);
  assert.equal(straightIn(seats, 'a1b2c3').seat.name, 'Bob');
});

test('a seat that is lost is forgotten in the tab and the browser, others stay', () => {
  const seats = tabOf(storage());
  seats.take('a1b2c3', ann);
  seats.take('a1b2c3', bob);
  seats.forget('a1b2c3', 'secret-b');
  assert.equal(seats.ofTab('a1b2c3'), null);
  assert.deepEqual(seats.ofRoom('a1b2c3').map((seat) => seat.name), ['Ann']);
  seats.forgetRoom('a1b2c3');
  assert.deepEqual(seats.ofRoom('a1b2c3'), []);
});

test('storage that throws costs nothing but the memory of it', () => {
  const forbidden = () => {
    throw new Error('SecurityError');
  };
  const seats = openSeats(forbidden, forbidden, () => 1);
  assert.equal(seats.name(), '');
  seats.setName('Ann');
  seats.take('a1b2c3', ann);
  assert.equal(seats.name(), 'Ann');
  assert.equal(seats.ofTab('a1b2c3').seat, 'secret-a');
  assert.equal(seats.ofRoom('a1b2c3').length, 1);
});

test('a full storage too', () => {
  const full = { ...storage(), setItem: () => { throw new Error('QuotaExceededError'); } }; // prettier-ignore
  const seats = openSeats(() => full, () => full, () => 1);
  seats.take('a1b2c3', ann);
  assert.equal(seats.ofTab('a1b2c3').seat, 'secret-a');
});

test('rubbish in the storage is no seat', () => {
  const browser = storage();
  const tab = storage();
  browser.setItem('tictac.seats', '{"a1b2c3":[{"x":1}],"b":7}');
  tab.setItem('tictac.seat.a1b2c3', '{');
  assert.equal(tabOf(browser, tab).ofTab('a1b2c3'), null);
  assert.deepEqual(tabOf(browser, tab).ofRoom('a1b2c3'), []);
  browser.setItem('tictac.seats', '[]');
  tabOf(browser).take('a1b2c3', ann);
  assert.equal(tabOf(browser).ofRoom('a1b2c3').length, 1);
});

test('a tab remembers the board of each room, and rubbish is none', () => {
  const tab = storage();
  const seats = tabOf(storage(), tab);
  const board = { round: 1, ply: 2, board: 'O...X....', last: 0 };
  seats.setSeen('a1b2c3', board);
  assert.deepEqual(tabOf(storage(), tab).seen('a1b2c3'), board);
  assert.equal(seats.seen('b1b2c3'), null);
  seats.forgetRoom('a1b2c3');
  assert.equal(seats.seen('a1b2c3'), null);
  for (const rubbish of ['{', '7', 'null', '{"round":1}', '{"round":1,"ply":2,"last":0,"board":9}', '{"round":"1","ply":2,"last":0,"board":""}']) {
    tab.setItem('tictac.seen.a1b2c3', rubbish);
    assert.equal(seats.seen('a1b2c3'), null, rubbish);
  }
});

test('old rooms make way', () => {
  const seats = tabOf(storage());
  for (let i = 0; i < 40; i++) seats.take(String(i).padStart(6, '0'), { ...ann, seat: `s${i}` });
  assert.equal(seats.ofRoom('000000').length, 0);
  assert.equal(seats.ofRoom('000039').length, 1);
});

test('a code is found in what people type and paste', () => {
  for (const typed of [
    'a1b2c3', ' A1B2C3 ', 'a1b 2c3', 'A1 B2 C3\n', 'https://play.example/game/a1b2c3', 'http://10.0.0.7:3000/game/A1B2C3?x=1#y',
    'Play with me: https://play.example/game/a1b2c3', '/game/a1b2c3/', 'http://h/game/a1b%202c3',
  ]) assert.equal(codeIn(typed), 'a1b2c3', typed); // prettier-ignore
  for (const typed of ['', 'a1b2c', 'a1b2c3d', 'a1b2cg', 'https://play.example/', 'http://h/game/%zz'])
    assert.equal(codeIn(typed), '', typed);
  assert.equal(neverCode('a1b'), false);
  assert.equal(neverCode('a1x'), true);
  assert.equal(neverCode('http://h/ga'), false);
});

test('a name is counted as people count', () => {
  assert.equal(nameFault('  '), 'name_required');
  assert.equal(nameFault('x'.repeat(20)), '');
  assert.equal(nameFault('x'.repeat(21)), 'name_too_long');
  assert.equal(nameFault('é'.repeat(20)), '');
  assert.equal(nameFault('👩‍👩‍👧‍👦'.repeat(9)), 'name_too_long', 'nine families are over 200 bytes');
  assert.equal(nameFault('👩‍👩‍👧‍👦'.repeat(8)), '');
});
