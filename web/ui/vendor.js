// Copies the one module of lean-qr that the pages use, with its licence. The copy is committed, because building
// the server must need nothing but Go; a test holds it equal to the package that the lock file pins.
import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const vendored = [
  ['nano.mjs', 'lean-qr.mjs'],
  ['LICENSE', 'lean-qr.LICENSE'],
].map(([from, to]) => ({
  from: fileURLToPath(new URL(`../../node_modules/lean-qr/${from}`, import.meta.url)),
  to: fileURLToPath(new URL(`js/vendor/${to}`, import.meta.url)),
}));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(new URL('js/vendor/', import.meta.url), { recursive: true });
  for (const file of vendored) copyFileSync(file.from, file.to);
}
