import { leafHash, CompactRange } from '@assay/core/log/merkle.ts';
import { sha256 } from '@assay/core/crypto/sha256.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { encodeCbor, type CborMap } from '@assay/core/encoding/cbor.ts';
import { arrayOf, bool, bytes, int, literal, shape, type Reader } from '@assay/core/encoding/cbor-shape.ts';
import { fromHex, toHex } from '@assay/core/encoding/hex.ts';
import { fail, ok, unwrap } from '@assay/core/errors/result.ts';
import { MAX_TRANSACTION_BYTES } from '@assay/core/records/limits.ts';
import { MAX_BLOCK_BYTES, MAX_BLOCK_TRANSACTIONS } from './limits.ts';

/** A SHA-256 digest in lower-case hexadecimal, so that it can be compared and be a key. */
export type Hash = string;

/** The hash of nothing in particular: what a vote without a digest says, and the map root of a log without a map. */
export const ZERO_HASH: Hash = '0'.repeat(64);

const DIGEST_DOMAIN = utf8('assay-consensus-block/v1\0');

/** What the log is after a block: every authority computes it before it votes. */
export interface PostState {
  readonly size: number;
  readonly root: Hash;
  readonly mapRoot: Hash;
  /** The authority set in force after the block. */
  readonly nextSetHash: Hash;
}

/** The head of a consensus block: what votes are about. */
export interface Header {
  readonly v: 1;
  /** The network id. */
  readonly chain: Hash;
  readonly epoch: number;
  readonly view: number;
  /** Number of consensus blocks since genesis; empty ones count. */
  readonly height: number;
  readonly parent: Hash;
  /** Unix seconds. */
  readonly time: number;
  readonly txRoot: Hash;
  readonly txCount: number;
  /** Whether the block closes its epoch. */
  readonly closes: boolean;
  readonly post: PostState;
}

/** A consensus block: its head and its transactions. */
export interface Block {
  readonly header: Header;
  readonly transactions: readonly Uint8Array[];
}

const digests = new WeakMap<Header, Hash>();

/** The name of a block: SHA-256 over its head in canonical CBOR, under a domain of its own. Computed once for each head. */
export function headerDigest(header: Header): Hash {
  const known = digests.get(header);
  if (known !== undefined) return known;
  const digest = toHex(sha256(DIGEST_DOMAIN, encodeCbor(headerToCbor(header))));
  digests.set(header, digest);
  return digest;
}

/** RFC 6962 root over the transactions. */
export function transactionRoot(transactions: readonly Uint8Array[]): Hash {
  const range = CompactRange.of();
  for (const transaction of transactions) range.append(leafHash(transaction));
  return toHex(range.root());
}

/** The bytes of a hash. Only for hashes of our own making or reading. */
export function hashBytes(hash: Hash): Uint8Array {
  return unwrap(fromHex(hash));
}

/** A 32-byte string, read as a `Hash`. */
export const readHash: Reader<Hash> = (value, path) => {
  const read = bytes({ length: 32 })(value, path);
  return read.ok ? ok(toHex(read.value)) : read;
};

const count = int({ min: 0 });

/** Reads a header out of decoded CBOR. */
export const readHeader: Reader<Header> = shape({
  v: literal(1),
  chain: readHash,
  epoch: count,
  view: count,
  height: count,
  parent: readHash,
  time: count,
  txRoot: readHash,
  txCount: int({ min: 0, max: MAX_BLOCK_TRANSACTIONS }),
  closes: bool(),
  post: shape({ size: count, root: readHash, mapRoot: readHash, nextSetHash: readHash }),
});

const readTransactions = arrayOf(bytes({ maxLength: MAX_TRANSACTION_BYTES }), {
  max: MAX_BLOCK_TRANSACTIONS,
});
const readBlockShape = shape({ header: readHeader, transactions: readTransactions });

/** Reads a block out of decoded CBOR; its body must be the one its head names. */
export const readBlock: Reader<Block> = (value, path) => {
  const read = readBlockShape(value, path);
  if (!read.ok) return read;
  const { header, transactions } = read.value;
  const size = transactions.reduce((total, one) => total + one.length, 0);
  if (size > MAX_BLOCK_BYTES) return fail('E_CONSENSUS_BLOCK', { reason: `a body of ${size} bytes` });
  if (transactions.length !== header.txCount || transactionRoot(transactions) !== header.txRoot) {
    return fail('E_CONSENSUS_BLOCK', { reason: 'a body that is not the one its head names' });
  }
  return read;
};

/** The wire form of a header, which is also what its digest is of. */
export function headerToCbor(header: Header): CborMap {
  const { chain, parent, txRoot, post, ...plain } = header;
  return {
    ...plain,
    chain: hashBytes(chain),
    parent: hashBytes(parent),
    txRoot: hashBytes(txRoot),
    post: {
      size: post.size,
      root: hashBytes(post.root),
      mapRoot: hashBytes(post.mapRoot),
      nextSetHash: hashBytes(post.nextSetHash),
    },
  };
}

/** The wire form of a block. */
export function blockToCbor(block: Block): CborMap {
  return { header: headerToCbor(block.header), transactions: block.transactions };
}
