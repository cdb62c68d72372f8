// A Redis of its own for a journey over several servers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PORT = 6379;

export class Redis {
  #dir = mkdtempSync(join(tmpdir(), 'tictac-redis-'));
  // An address that nobody else has, so that its port is free.
  #host = `127.${[1, 2, 3].map(() => 1 + Math.floor(Math.random() * 250)).join('.')}`;
  /** @type {import('node:child_process').ChildProcess | null} */
  #process = null;

  get url() {
    return `redis://${this.#host}:${PORT}`;
  }

  async start() {
    const flags = ['--bind', this.#host, '--port', String(PORT), '--dir', this.#dir, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
    this.#process = spawn('redis-server', flags, { stdio: 'ignore' });
    while (!(await this.#answers())) await sleep(50);
  }

  async #answers() {
    if (this.#process?.exitCode !== null) throw new Error(`redis-server ended with ${this.#process?.exitCode}`);
    const socket = connect(PORT, this.#host);
    return Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false).finally(() => socket.destroy());
  }

  async close() {
    if (this.#process?.exitCode === null) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
