// The network between a browser and the server, which can stall: nothing is closed and nothing gets through.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Line {
  #server = createServer((socket) => this.#join(socket));
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set();
  #stalled = false;
  /** When a ping of the server last came through, alone or behind something else. */
  pinged = 0;

  /** @param {number} port  where it leads */
  async open(port) {
    this.to = port;
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = /** @type {import('node:net').AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${address.port}`;
  }

  stall() {
    this.#stalled = true;
    for (const socket of this.#sockets) socket.pause();
  }

  flow() {
    this.#stalled = false;
    for (const socket of this.#sockets) socket.resume();
  }

  close() {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  /** @param {import('node:net').Socket} near */
  #join(near) {
    const far = connect(/** @type {number} */ (this.to), '127.0.0.1');
    for (const [from, into] of [[near, far], [far, near]]) {
      this.#sockets.add(from);
      from.on('data', (data) => {
        if (from === far && data.at(-2) === 0x89 && data.at(-1) === 0) this.pinged = Date.now();
        into.write(data);
      });
      from.on('end', () => into.end());
      from.on('error', () => into.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        into.destroy();
      });
      if (this.#stalled) from.pause();
    }
  }
}
