import {
  arrayOf,
  bytes,
  decodeWith,
  int,
  literal,
  optional,
  shape,
  variant,
  type Reader,
} from '@assay/core/encoding/cbor-shape.ts';
import { encodeCbor, type CborMap } from '@assay/core/encoding/cbor.ts';
import { fail, type Result } from '@assay/core/errors/result.ts';
import { maxFrameBytes } from '@assay/core/protocols.ts';
import { MAX_TRANSACTION_BYTES } from '@assay/core/records/limits.ts';
import {
  blockToCbor,
  hashBytes,
  headerToCbor,
  readBlock,
  readHash,
  readHeader,
  type Block,
  type Hash,
  type Header,
} from './block.ts';
import { readSignedTreeHead, signedTreeHeadToCbor, type SignedTreeHead } from './cosignature.ts';
import { evidenceToCbor, readEvidence, type Evidence } from './evidence.ts';
import { MAX_CERTIFICATE_RANGE, MAX_FINAL_BLOCKS, MAX_PATH_HEADERS } from './limits.ts';
import {
  certificateToCbor,
  readCertificate,
  readVote,
  voteToCbor,
  type Certificate,
  type Vote,
} from './vote.ts';

/** A leader's block with its own vote for it. */
export interface ProposalMessage {
  readonly kind: 'proposal';
  readonly block: Block;
  readonly vote: Vote;
}

/** Where the sender stands. Sent on every tick, also when idle. */
export interface TipMessage {
  readonly kind: 'tip';
  /** The epoch the sender is in. */
  readonly epoch: number;
  /** Height of the last final block. */
  readonly height: number;
  /** The view the sender is in. */
  readonly view: number;
  /** The finality certificate of the last final block or, where that closed an epoch, maybe of a descendant. */
  readonly proof?: Certificate;
  /** The sender's newest cosignature. */
  readonly cosignature?: SignedTreeHead;
}

/**
 * Final blocks of one epoch in order, with what proves the last one: headers from its child to the block of the certificate. A
 * block that closes its epoch is the last: who reads on needs to know the next set first.
 */
export interface FinalMessage {
  readonly kind: 'final';
  readonly blocks: readonly Block[];
  readonly path: readonly Header[];
  readonly proof: Certificate;
}

/** Everything authorities say to one another. */
export type Message =
  | ProposalMessage
  | { readonly kind: 'vote'; readonly vote: Vote }
  | { readonly kind: 'certificate'; readonly certificate: Certificate }
  | TipMessage
  | { readonly kind: 'transaction'; readonly bytes: Uint8Array }
  | { readonly kind: 'cosignature'; readonly cosignature: SignedTreeHead }
  | { readonly kind: 'evidence'; readonly evidence: Evidence }
  /** Asks for the body of a block that is not final yet. */
  | { readonly kind: 'fetch-block'; readonly digest: Hash }
  | { readonly kind: 'block'; readonly block: Block }
  /** Asks for the certificates of the views `from` … `to`. */
  | { readonly kind: 'fetch-certificates'; readonly from: number; readonly to: number }
  /** Asks for final blocks from height `from` on. */
  | { readonly kind: 'fetch-final'; readonly from: number }
  | FinalMessage;

const count = int({ min: 0 });

const readMessage: Reader<Message> = variant('kind', {
  proposal: shape({ kind: literal('proposal'), block: readBlock, vote: readVote }),
  vote: shape({ kind: literal('vote'), vote: readVote }),
  certificate: shape({ kind: literal('certificate'), certificate: readCertificate }),
  tip: shape({
    kind: literal('tip'),
    epoch: int({ min: 1 }),
    height: count,
    view: count,
    proof: optional(readCertificate),
    cosignature: optional(readSignedTreeHead),
  }),
  transaction: shape({ kind: literal('transaction'), bytes: bytes({ maxLength: MAX_TRANSACTION_BYTES }) }),
  cosignature: shape({ kind: literal('cosignature'), cosignature: readSignedTreeHead }),
  evidence: shape({ kind: literal('evidence'), evidence: readEvidence }),
  'fetch-block': shape({ kind: literal('fetch-block'), digest: readHash }),
  block: shape({ kind: literal('block'), block: readBlock }),
  'fetch-certificates': shape({ kind: literal('fetch-certificates'), from: count, to: count }),
  'fetch-final': shape({ kind: literal('fetch-final'), from: count }),
  final: shape({
    kind: literal('final'),
    blocks: arrayOf(readBlock, { min: 1, max: MAX_FINAL_BLOCKS }),
    path: arrayOf(readHeader, { max: MAX_PATH_HEADERS }),
    proof: readCertificate,
  }),
});

/** Reads one message from another authority. Total; checks form and limits, no signature. */
export function decodeMessage(frame: Uint8Array): Result<Message> {
  const read = decodeWith(frame, readMessage, { maxBytes: maxFrameBytes.consensus });
  if (!read.ok || read.value.kind !== 'fetch-certificates') return read;
  const { from, to } = read.value;
  return from <= to && to - from < MAX_CERTIFICATE_RANGE
    ? read
    : fail('E_CONSENSUS_MESSAGE', { reason: `a range of views from ${from} to ${to}` });
}

/** Writes a message as canonical CBOR. */
export function encodeMessage(message: Message): Uint8Array {
  return encodeCbor(messageToCbor(message));
}

function messageToCbor(message: Message): CborMap {
  const { kind } = message;
  switch (message.kind) {
    case 'proposal':
      return { kind, block: blockToCbor(message.block), vote: voteToCbor(message.vote) };
    case 'vote':
      return { kind, vote: voteToCbor(message.vote) };
    case 'certificate':
      return { kind, certificate: certificateToCbor(message.certificate) };
    case 'tip':
      return tipToCbor(message);
    case 'transaction':
    case 'fetch-certificates':
    case 'fetch-final':
      return { ...message };
    case 'cosignature':
      return { kind, cosignature: signedTreeHeadToCbor(message.cosignature) };
    case 'evidence':
      return { kind, evidence: evidenceToCbor(message.evidence) };
    case 'fetch-block':
      return { kind, digest: hashBytes(message.digest) };
    case 'block':
      return { kind, block: blockToCbor(message.block) };
    case 'final':
      return {
        kind,
        blocks: message.blocks.map(blockToCbor),
        path: message.path.map(headerToCbor),
        proof: certificateToCbor(message.proof),
      };
    default:
      return message satisfies never;
  }
}

function tipToCbor({ kind, epoch, height, view, proof, cosignature }: TipMessage): CborMap {
  return {
    kind,
    epoch,
    height,
    view,
    ...(proof === undefined ? {} : { proof: certificateToCbor(proof) }),
    ...(cosignature === undefined ? {} : { cosignature: signedTreeHeadToCbor(cosignature) }),
  };
}
