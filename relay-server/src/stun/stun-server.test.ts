import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { fromHex } from '@assay/core/encoding/hex.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { ipBytes } from '../limits/ip-address.ts';
import { bindingResponse, readBindingRequest } from './stun-message.ts';
import { startStunServer, type StunServer } from './stun-server.ts';

/** RFC 5769 §2.1: sample request, and §2.2, §2.3: the XOR-MAPPED-ADDRESS of its responses. */
const sampleRequest = unwrap(
  fromHex(
    '000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008932ff9b151263b36' +
      '000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf',
  ),
);
const transaction = unwrap(fromHex('b7e7a701bc34d686fa87dfae'));

const servers: StunServer[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(host: string): Promise<StunServer> {
  const server = await startStunServer({ host, port: 0, elapsed: () => 0, onError: () => undefined });
  servers.push(server);
  return server;
}

async function client(host: string): Promise<{ socket: Socket; received: Uint8Array[] }> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  sockets.push(socket);
  const received: Uint8Array[] = [];
  socket.on('message', (datagram) => received.push(datagram));
  await new Promise<void>((resolve) => socket.bind(0, host, resolve));
  return { socket, received };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 100));
const bareRequest = Uint8Array.from([0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...transaction]);

describe('STUN messages', () => {
  it('finds the transaction of the sample request of RFC 5769', () => {
    expect(readBindingRequest(sampleRequest)).toEqual(transaction);
  });

  it.each([
    ['192.0.2.1', '002000080001a147e112a643'],
    ['2001:db8:1234:5678:11:2233:4455:6677', '002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9'],
  ])('tells %s its address as RFC 5769 does', (ip, attribute) => {
    const response = bindingResponse(transaction, { ip: ipBytes(ip) ?? new Uint8Array(0), port: 32_853 });
    const length = attribute.length / 2;
    expect(Buffer.from(response).toString('hex')).toBe(
      `0101${length.toString(16).padStart(4, '0')}2112a442b7e7a701bc34d686fa87dfae${attribute}`,
    );
  });

  it.each([
    ['nothing', []],
    ['one byte', [0]],
    ['a request cut short', [...bareRequest.subarray(0, 19)]],
    ['a length that is not there', [...bareRequest.subarray(0, 2), 0, 4, ...bareRequest.subarray(4)]],
    ['bytes behind the end', [...bareRequest, 0, 0, 0, 0]],
    ['another cookie', [0, 1, 0, 0, 1, 2, 3, 4, ...transaction]],
    ['a response', [1, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...transaction]],
    ['an indication', [0, 0x11, 0, 0, 0x21, 0x12, 0xa4, 0x42, ...transaction]],
    ['1 KiB', Array.from({ length: 1024 }, () => 0)],
  ])('takes no notice of %s', (_name, bytes) => {
    expect(readBindingRequest(Uint8Array.from(bytes))).toBeUndefined();
  });
});

describe('the STUN server', () => {
  it.each([['127.0.0.1'], ['::1']])('answers on %s with the address it sees', async (host) => {
    const { port } = await start(host);
    const { socket, received } = await client(host);
    socket.send(sampleRequest, port, host);
    await settle();
    const expected = { ip: ipBytes(host) ?? new Uint8Array(0), port: socket.address().port };
    expect(received.map((bytes) => new Uint8Array(bytes))).toEqual([bindingResponse(transaction, expected)]);
  });

  it('stays silent at garbage and at a flood, and goes on answering others', async () => {
    const { port } = await start('127.0.0.1');
    const { socket, received } = await client('127.0.0.1');
    for (let size = 0; size < 100; size++) socket.send(new Uint8Array(size), port, '127.0.0.1');
    for (let i = 0; i < 300; i++) socket.send(bareRequest, port, '127.0.0.1');
    await settle();
    expect(received.length).toBeGreaterThan(0);
    expect(received.length).toBeLessThanOrEqual(200);
    const other = await client('127.0.0.2');
    other.socket.send(bareRequest, port, '127.0.0.1');
    await settle();
    expect(other.received).toHaveLength(1);
  });
});
