import { sha256 } from '@assay/core/crypto/sha256.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { ok, unwrap } from '@assay/core/errors/result.ts';
import { foldSubtrees, HASH_BYTES, leafHash, nodeHash } from '@assay/core/log/merkle.ts';
import { TILE_HEIGHT, TILE_WIDTH } from '@assay/core/log/tile.ts';
import { TreeHashes } from '@assay/core/log/tree-hashes.ts';
import { inclusionRanges, perfectSubtrees, type PerfectSubtree } from '@assay/core/log/tree-ranges.ts';
import type { LookupView } from '@assay/core/lookup/answer.ts';
import { encodeRecord } from '@assay/core/records/codec.ts';
import { makeNetwork, makeProposal } from '@assay/core/records/network.fixture.ts';
import { genesisBatch } from '@assay/core/records/network.ts';
import { PackageMap } from '@assay/core/records/package-map.ts';
import { recordOf } from '@assay/core/records/proposal.ts';
import type { ArtifactAddRecord } from '@assay/core/records/types.ts';
import { TestLog } from '@assay/core/verify/evidence.fixture.ts';
import { recordLike } from './synthetic-log.ts';

/** Seven authorities; five have to sign. */
const network = makeNetwork(7);
const SIGNERS = [0, 1, 2, 3, 4];
const RECORDS_PER_BATCH = 15;
const VERSIONS_PER_PACKAGE = 8;

/** A log of many entries in memory: hashes are kept, entries made again when they are asked for. */
export interface LookupLog {
  readonly genesis: Uint8Array;
  readonly size: number;
  readonly view: LookupView;
  /** The purl of one of its versions, any number being good. */
  purl(number: number): string;
  /** Bytes of the tiles out of which a client would put the proof for an entry together by itself. */
  tileBytes(index: number): Promise<number>;
}

/** A log of about `entries` entries, whose last state record carries the root of its map of packages. */
export async function makeLookupLog(entries: number): Promise<LookupLog> {
  const { trust } = network;
  const batches = Math.round((entries - 2) / (RECORDS_PER_BATCH + 1));
  const records = batches * RECORDS_PER_BATCH;
  const size = 2 + batches * (RECORDS_PER_BATCH + 1);
  const packages = Math.ceil(records / VERSIONS_PER_PACKAGE);
  const model = recordOf(makeProposal('pkg:npm/model@1.0.0', utf8('model'), 'model-1.0.0.tgz'), {
    epoch: 1,
    builders: Uint8Array.of(0b1_1111),
    evidence: sha256(),
  });
  const record = (number: number): ArtifactAddRecord => {
    const like = recordLike(model, number);
    const purl = `pkg:npm/synthetic-package-${number % packages}@${Math.floor(number / packages)}.0.0`;
    return { ...like, purl };
  };
  let map = PackageMap.empty;
  const entry = (index: number): Uint8Array => {
    const first = genesisBatch(trust)[index];
    if (first !== undefined) return first;
    const [batch, place] = [Math.floor((index - 2) / 16), (index - 2) % 16];
    if (place < RECORDS_PER_BATCH) return encodeRecord(record(batch * RECORDS_PER_BATCH + place));
    return encodeRecord({
      kind: 'state',
      v: 1,
      epoch: 1,
      height: batch + 1,
      time: trust.genesis.created + batch,
      prevSize: index - RECORDS_PER_BATCH,
      mapRoot: index === size - 1 ? map.root() : new Uint8Array(HASH_BYTES),
      setHash: trust.current.setHash,
      recordCount: RECORDS_PER_BATCH,
    });
  };
  const leaves = new Uint8Array(size * HASH_BYTES);
  for (let index = 0; index < size; index++) {
    const [batch, place] = [Math.floor((index - 2) / 16), (index - 2) % 16];
    const added =
      index >= 2 && place < RECORDS_PER_BATCH ? record(batch * RECORDS_PER_BATCH + place) : undefined;
    const hash = leafHash(added === undefined ? entry(index) : encodeRecord(added));
    leaves.set(hash, index * HASH_BYTES);
    if (added !== undefined) map = map.add(added, index, hash);
  }
  const tree = treeOver(leaves);
  const root = foldSubtrees(perfectSubtrees({ start: 0, end: size }).map(tree));
  const signer = await TestLog.of([], network);
  const inclusionProof = async (index: number, of: number) =>
    ok(inclusionRanges(index, of).map((range) => foldSubtrees(perfectSubtrees(range).map(tree))));
  const view: LookupView = {
    packages: map,
    checkpoint: signer.checkpoint({ size, root, cosigners: SIGNERS }),
    log: {
      size,
      entry: async (index) => ok(entry(index)),
      inclusionProof,
      consistencyProof: () => Promise.reject(new Error('no bench asks for it')),
    },
  };
  return {
    genesis: trust.genesisBytes,
    size,
    view,
    purl: (number) => record(number % records).purl,
    tileBytes: async (index) => await bytesOfTiles(index, size, tree),
  };
}

type NodeAt = (node: PerfectSubtree) => Uint8Array;

/** All perfect subtrees over some leaf hashes. */
function treeOver(leaves: Uint8Array): NodeAt {
  const levels = [leaves];
  for (let level = leaves; level.length >= 2 * HASH_BYTES; levels.push(level)) {
    const above = new Uint8Array(Math.floor(level.length / (2 * HASH_BYTES)) * HASH_BYTES);
    for (let at = 0; at < above.length; at += HASH_BYTES) {
      const [left, right] = [level.subarray(2 * at, 2 * at + 32), level.subarray(2 * at + 32, 2 * at + 64)];
      above.set(nodeHash(left, right), at);
    }
    level = above;
  }
  return ({ height, index }) =>
    levels[height]?.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES) ?? new Uint8Array();
}

async function bytesOfTiles(index: number, size: number, tree: NodeAt): Promise<number> {
  let bytes = 0;
  const hashes = new TreeHashes(async (level, tile) => {
    const height = level * TILE_HEIGHT;
    const width = Math.min(TILE_WIDTH, Math.floor(size / 2 ** height) - tile * TILE_WIDTH);
    bytes += width * HASH_BYTES;
    return ok(Array.from({ length: width }, (_, at) => tree({ height, index: tile * TILE_WIDTH + at })));
  });
  unwrap(await hashes.of(inclusionRanges(index, size)));
  return bytes;
}
