import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Transport } from '../../authority/src/consensus/consensus.ts';

const HEAD_BYTES = 4;
/** Between two attempts to reach another authority that has not started yet. */
const RETRY_MS = 50;

/** Messages between authority processes over Unix sockets in one folder: each after its length and, on a new connection, the sender's name. */
export class SocketTransport implements Transport {
  readonly #sockets = new Map<string, Socket>();
  readonly #waiting = new Map<string, Buffer[]>();
  #onMessage: (from: string, bytes: Uint8Array) => void = () => undefined;

  constructor(folder: string, name: string, others: readonly string[]) {
    createServer((socket) => this.#read(socket)).listen(pathOf(folder, name));
    for (const other of others) this.#connect(folder, name, other);
  }

  send(to: string, bytes: Uint8Array): void {
    const frame = framed(bytes);
    const socket = this.#sockets.get(to);
    if (socket !== undefined) socket.write(frame);
    else this.#waiting.set(to, [...(this.#waiting.get(to) ?? []), frame]);
  }

  broadcast(bytes: Uint8Array): void {
    for (const [, socket] of this.#sockets) socket.write(framed(bytes));
  }

  onMessage(handler: (from: string, bytes: Uint8Array) => void): void {
    this.#onMessage = handler;
  }

  /** Whether all others can be sent to. */
  isConnectedTo(count: number): boolean {
    return this.#sockets.size >= count;
  }

  #connect(folder: string, name: string, other: string): void {
    const socket = createConnection(pathOf(folder, other));
    socket.on('connect', () => {
      socket.write(framed(Buffer.from(name)));
      this.#sockets.set(other, socket);
      for (const frame of this.#waiting.get(other) ?? []) socket.write(frame);
      this.#waiting.delete(other);
    });
    socket.on('error', () => setTimeout(() => this.#connect(folder, name, other), RETRY_MS));
  }

  #read(socket: Socket): void {
    let from: string | undefined;
    let rest = Buffer.alloc(0);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
      while (rest.length >= HEAD_BYTES) {
        const end = HEAD_BYTES + rest.readUInt32BE();
        if (rest.length < end) return;
        const body = new Uint8Array(rest.subarray(HEAD_BYTES, end));
        rest = rest.subarray(end);
        if (from === undefined) from = Buffer.from(body).toString();
        else this.#onMessage(from, body);
      }
    });
  }
}

function pathOf(folder: string, name: string): string {
  return join(folder, `${name}.sock`);
}

function framed(bytes: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + bytes.length);
  frame.writeUInt32BE(bytes.length);
  frame.set(bytes, HEAD_BYTES);
  return frame;
}
