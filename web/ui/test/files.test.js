// The committed files are what their sources give, and together small.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { vendored } from '../vendor.js';

const ui = new URL('../', import.meta.url);
const root = fileURLToPath(new URL('../../', ui));
const read = (path) => readFileSync(new URL(path, ui));
const html = read('index.html').toString();

test('vendored files are those of the pinned package', () => {
  for (const { from, to } of vendored) assert.deepEqual(readFileSync(to), readFileSync(from), to);
});

test('app.css is what its sources give', () => {
  const folder = mkdtempSync(join(tmpdir(), 'css-'));
  try {
    const built = join(folder, 'app.css');
    const cli = join(root, 'node_modules/@tailwindcss/cli/dist/index.mjs');
    execFileSync(process.execPath, [cli, '--input', 'web/ui/app.src.css', '--output', built, '--minify'], {
      cwd: root,
      stdio: 'pipe',
      timeout: 60_000,
    });
    assert.ok(readFileSync(built).equals(read('app.css')), 'run `npm run css` and commit the result');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const modules = [...readdirSync(new URL('js/', ui)).filter((f) => f.endsWith('.js') && f !== 'types.js'), 'vendor/lean-qr.mjs'];

/** What a module needs before it can run, itself included. @param {string} module @param {Set<string>} found */
function needed(module, found = new Set()) {
  if (found.has(module)) return found;
  found.add(module);
  for (const [, path] of read(`js/${module}`).toString().matchAll(/^import (?:.* from )?'\.\/(.*)';$/gm)) needed(path, found);
  return found;
}
const first = [...needed('main.js')].sort();

test('every module that the game needs is preloaded, so that loading has no steps, and no other is', () => {
  const named = [...html.matchAll(/\{\{\.Assets\}\}\/js\/([\w./-]+)"/g)].map((match) => match[1]);
  assert.deepEqual(named.sort(), first);
});

test('every other module is loaded by a page that needs it', () => {
  const extras = [...read('js/extras.js').toString().matchAll(/=> import\('\.\/([\w.]+)'\)/g)].map((match) => match[1]);
  assert.ok(extras.length > 0);
  assert.ok(extras.every((module) => !first.includes(module)));
  const found = new Set(first);
  for (const module of extras) needed(module, found);
  assert.deepEqual([...found].sort(), modules.sort());
});

test('the page needs nothing that its policy forbids', () => {
  assert.doesNotMatch(html, /\sstyle=|<style|<script(?![^>]*\ssrc=)|\son\w+=/);
  assert.doesNotMatch(html, /(src|href)="(https?:)?\/\//);
  for (const file of modules) assert.doesNotMatch(read(`js/${file}`).toString(), /innerHTML|insertAdjacentHTML|\beval\(|\balert\(/, file);
});

test('what a game needs is at most 60 kB compressed', (t) => {
  const files = ['index.html', 'app.css', 'img/favicon.svg', 'manifest.webmanifest', ...first.map((file) => `js/${file}`)];
  const size = files.reduce((sum, file) => sum + gzipSync(read(file)).length, 0);
  t.diagnostic(`${size} bytes compressed in ${files.length} files`);
  assert.ok(size <= 60_000, `${size} bytes`);
});
