import { gzipSync } from 'node:zlib';
import { END, tarPiece } from '../archive/tar.fixture.ts';
import { realClock } from '../clock.fixture.ts';
import { concatBytes } from '../encoding/bytes.ts';
import { encodeContent } from '../eris/encode.ts';
import { blockSizeFor } from '../eris/capability.ts';
import { toHex } from '../encoding/hex.ts';
import { AssayError } from '../errors/assay-error.ts';
import { MemoryLogStore } from '../log/log-store.ts';
import type { LogSource, PeerSource } from '../net/sources.ts';
import { MemoryAnchorStore } from '../node/stores.ts';
import { network, TestLog, verifySignature } from '../node/test-log.fixture.ts';
import { VerifiedNode } from '../node/verified-node.ts';
import { CREATED } from '../records/network.fixture.ts';
import { MemoryArtifactStore } from '../swarm/memory-artifact-store.ts';
import { nodePackages } from './node-packages.ts';
import type { VerifiedPackages } from './types.ts';

/** An npm tarball with these files under `package/`. */
export function npmTarball(files: Readonly<Record<string, string>>): Uint8Array {
  const pieces = Object.entries(files).map(([path, content]) =>
    tarPiece({ name: `package/${path}`, content }),
  );
  return new Uint8Array(gzipSync(concatBytes(...pieces, END)));
}

/** A node over a log with some packages that a peer holds, and a way to take the peer away or let it lie. */
export interface RegistrySetup {
  readonly node: VerifiedNode;
  readonly packages: VerifiedPackages;
  readonly log: TestLog;
  readonly peer: { mode: 'honest' | 'gone' | 'lying' };
  readonly tarballs: ReadonlyMap<string, Uint8Array>;
}

/** `packages`: files by purl. The artifact of `name@version` is `<last part of name>-<version>.tgz`. */
export async function setUpRegistry(
  packages: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<RegistrySetup> {
  const log = await TestLog.create();
  const blocks = new Map<string, Uint8Array>();
  const tarballs = new Map<string, Uint8Array>();
  for (const [purl, files] of Object.entries(packages)) {
    const tarball = npmTarball(files);
    tarballs.set(purl, tarball);
    const encoded = encodeContent(tarball, { blockSize: blockSizeFor(tarball.length) });
    for (const [reference, block] of encoded.blocks) blocks.set(reference, block);
    await log.addPackage(purl, tarball, `${purl.split('/').at(-1)?.replace('@', '-')}.tgz`);
  }
  const peer: RegistrySetup['peer'] = { mode: 'honest' };
  const source: PeerSource = {
    kind: 'peer',
    id: 'peer',
    label: 'peer',
    async *readBlocks(_root, references) {
      if (peer.mode === 'gone') throw new AssayError('E_NOT_FOUND', { what: 'this artifact' });
      for (const reference of references) {
        const block = blocks.get(toHex(reference));
        yield { reference, block: peer.mode === 'lying' ? block?.toReversed() : block };
      }
    },
  };
  const sources: LogSource[] = [log.source('log', await log.note())];
  const clock = { ...realClock, now: () => CREATED + 2000 };
  const node = await VerifiedNode.open({
    trust: network.trust,
    stores: {
      log: new MemoryLogStore(),
      artifacts: new MemoryArtifactStore(clock),
      anchors: new MemoryAnchorStore(),
    },
    clock,
    verifySignature,
    logSources: () => sources,
    finder: {
      find(_root, onSource) {
        onSource(source);
        return Promise.resolve();
      },
    },
  });
  await node.sync();
  return { node, packages: nodePackages(node, clock.now), log, peer, tarballs };
}
