// Builds the server once, unless TICTAC_BINARY names one that is built already.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setup() {
  if (process.env.TICTAC_BINARY) return;
  const dir = mkdtempSync(join(tmpdir(), 'tictac-browser-'));
  const binary = join(dir, 'tictac');
  const root = new URL('../..', import.meta.url);
  execFileSync('go', ['build', '-o', binary, './cmd/tictac'], { cwd: root, stdio: 'inherit' });
  process.env.TICTAC_BINARY = binary;
  return () => rmSync(dir, { recursive: true });
}
