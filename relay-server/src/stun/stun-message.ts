import { u32be, concatBytes } from '@assay/core/encoding/bytes.ts';

/** RFC 5389 §6: what stands in bytes 4 to 7 of every message. */
const MAGIC_COOKIE = 0x2112a442;
const HEADER_BYTES = 20;
const TRANSACTION_OFFSET = 8;
const BINDING_REQUEST = 0x0001;
const BINDING_RESPONSE = 0x0101;
const XOR_MAPPED_ADDRESS = 0x0020;
const IPV4 = 1;
const IPV6 = 2;

/** Longest request that is looked at: WebRTC adds a few attributes, together below 200 bytes. */
export const MAX_STUN_REQUEST_BYTES = 548;

/** Where a datagram came from. */
export interface RemoteAddress {
  /** 4 or 16 bytes. */
  readonly ip: Uint8Array;
  readonly port: number;
}

/** The 12-byte transaction id of a STUN binding request; undefined for anything else (RFC 5389 §7.3). */
export function readBindingRequest(datagram: Uint8Array): Uint8Array | undefined {
  if (datagram.length < HEADER_BYTES || datagram.length > MAX_STUN_REQUEST_BYTES) return undefined;
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  const isRequest = view.getUint16(0) === BINDING_REQUEST && view.getUint32(4) === MAGIC_COOKIE;
  const length = view.getUint16(2);
  if (!isRequest || length % 4 !== 0 || length !== datagram.length - HEADER_BYTES) return undefined;
  return datagram.slice(TRANSACTION_OFFSET, HEADER_BYTES);
}

/** A binding response that tells the asker its own address (RFC 5389 §15.2). Not longer than 24 bytes more than a request. */
export function bindingResponse(transaction: Uint8Array, { ip, port }: RemoteAddress): Uint8Array {
  const mask = concatBytes(u32be(MAGIC_COOKIE), transaction);
  const value = concatBytes(
    Uint8Array.of(0, ip.length === 4 ? IPV4 : IPV6),
    u16be(port ^ (MAGIC_COOKIE >>> 16)),
    ip.map((byte, i) => byte ^ (mask[i] ?? 0)),
  );
  const attribute = concatBytes(u16be(XOR_MAPPED_ADDRESS), u16be(value.length), value);
  return concatBytes(u16be(BINDING_RESPONSE), u16be(attribute.length), mask, attribute);
}

function u16be(n: number): Uint8Array {
  return Uint8Array.of((n >>> 8) & 0xff, n & 0xff);
}
