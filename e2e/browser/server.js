// The real server as a process: it can be stopped, killed and frozen, and comes back on its port and its store.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export class Server {
  /** @type {import('node:child_process').ChildProcess | null} */
  #process = null;
  #dir = mkdtempSync(join(tmpdir(), 'tictac-browser-'));
  /** @type {string[]} */
  log = [];
  port = 0;

  /** @param {string[]} [flags] @param {string} [host] */
  constructor(flags = [], host = '127.0.0.1') {
    this.flags = flags;
    this.host = host;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  async start() {
    const store = `sqlite:${join(this.#dir, 'x.db')}`;
    const child = spawn(
      process.env.TICTAC_BINARY ?? 'bin/tictac',
      ['serve', '--listen', `${this.host}:${this.port}`, '--metrics', '', '--store', store, '--join-limit', '0', ...this.flags],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.#process = child;
    await new Promise((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${this.log.join('\n')}`)));
      createInterface({ input: child.stderr }).on('line', (line) => {
        this.log.push(line);
        if (!line.includes('"msg":"listening"')) return;
        this.port = Number(JSON.parse(line).addr.split(':').pop());
        resolve(undefined);
      });
    });
  }

  /** What a deploy does. @returns {Promise<number | null>} the exit code */
  stop = () => this.#end('SIGTERM');

  /** What a crash does. */
  kill = () => this.#end('SIGKILL');

  /** Frozen, it takes what is sent and answers nothing. */
  freeze = () => this.#process?.kill('SIGSTOP');
  thaw = () => this.#process?.kill('SIGCONT');

  async close() {
    await this.kill();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** @param {string} code  what the server itself says of a room */
  async room(code) {
    const answer = await fetch(`${this.url}/api/games/${code}`);
    return answer.json();
  }

  /** @param {NodeJS.Signals} signal */
  async #end(signal) {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null || child.signalCode !== null) return null;
    child.kill(signal);
    const [code] = await once(child, 'exit');
    return code;
  }
}
