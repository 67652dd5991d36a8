import { signStatement } from '../archive/attestation.ts';
import { failureAttestation, mirrorAttestation } from '../archive/statement.ts';
import { publicKeyFromSeed, signEd25519 } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/sha256.ts';
import { sha512 } from '../crypto/sha512.ts';
import { toBase64 } from '../encoding/base64.ts';
import { utf8 } from '../encoding/bytes.ts';
import { blockSizeFor, encodeCapability } from '../eris/capability.ts';
import { encodeContent } from '../eris/encode.ts';
import { unwrap } from '../errors/result.ts';
import { encodeRecord } from './codec.ts';
import { trustFromGenesis } from './network.ts';
import type { ProposedAdd } from './proposal.ts';
import type { AddTransaction } from './transaction.ts';
import type { AuthorityIdentity, GenesisRecord, NetworkTrust } from './types.ts';

const NAMES = ['ayla', 'borneo', 'cassini', 'delft', 'etna', 'fuji', 'gobi', 'hekla', 'ida', 'juno'];
const JOBS = ['vote', 'cosign', 'log', 'build', 'peer'] as const;

/** 1 October 2026, when every test network was created. */
export const CREATED = 1_790_812_800;

/** A network whose private keys the test holds. */
export interface TestNetwork {
  readonly trust: NetworkTrust;
  /** The seed of one key of one authority. */
  seed(authority: number, job: (typeof JOBS)[number]): Uint8Array;
}

/** A network of `count` authorities with fixed keys; networks of different labels share no key. */
export function makeNetwork(count = 4, changes: Partial<GenesisRecord> = {}, label = 'test'): TestNetwork {
  const seed = (authority: number, job: string) => sha256(utf8(`${label} ${authority} ${job}`));
  const authorities = Array.from({ length: count }, (_, index) => {
    const [voteKey, cosignKey, logKey, buildKey, peerKey] = JOBS.map((job) =>
      publicKeyFromSeed(seed(index, job)),
    );
    return {
      name: NAMES[index] ?? `a${index}`,
      voteKey,
      cosignKey,
      logKey,
      buildKey,
      peerKey,
    } as AuthorityIdentity;
  });
  const genesis: GenesisRecord = {
    kind: 'genesis',
    v: 1,
    origin: 'assay.test/log',
    epoch: 1,
    created: CREATED,
    authorities,
    limits: { maxArtifactBytes: 256 * 1024 * 1024 },
    ...changes,
  };
  return { trust: unwrap(trustFromGenesis(encodeRecord(genesis))), seed };
}

/** What an honest authority proposes for a package version whose only file has these bytes. */
export function makeProposal(purl: string, content: Uint8Array, name = 'package.tgz'): ProposedAdd {
  const { capability } = encodeContent(content, { blockSize: blockSizeFor(content.length) });
  return {
    kind: 'artifact-add',
    v: 1,
    purl,
    artifacts: [
      {
        name,
        mediaType: 'application/gzip',
        size: content.length,
        sha256: sha256(content),
        eris: encodeCapability(capability),
      },
    ],
    about: { description: 'A package for tests.', license: 'MIT', dependencies: {} },
    provenance: {
      method: 'mirrored',
      source: { registry: 'npm', integrity: `sha512-${toBase64(sha512(content))}` },
    },
  };
}

/** The envelope of an authority that got `proposal`. */
export function attest(network: TestNetwork, authority: number, proposal: ProposedAdd): Uint8Array {
  const statement = mirrorAttestation({
    trust: network.trust,
    authority,
    proposal,
    upstream: 'https://registry.invalid/package.tgz',
    startedOn: CREATED + 60,
    finishedOn: CREATED + 61,
  });
  return signStatement(statement, buildKey(network, authority));
}

/** The envelope of an authority that could not get `purl`. */
export function attestFailure(network: TestNetwork, authority: number, purl: string): Uint8Array {
  const error = { code: 'E_UNKNOWN', fields: { code: 'none' } };
  const statement = failureAttestation({ trust: network.trust, authority, purl, error, at: CREATED + 62 });
  return signStatement(statement, buildKey(network, authority));
}

/** A transaction in which the authorities of `agree` attest to `proposal`. */
export function makeTransaction(
  network: TestNetwork,
  proposal: ProposedAdd,
  agree: readonly number[],
  dissent: readonly Uint8Array[] = [],
): AddTransaction {
  const envelopes = agree.map((authority) => attest(network, authority, proposal));
  return { v: 1, kind: 'artifact-add', proposal, agree: envelopes, dissent };
}

function buildKey(network: TestNetwork, authority: number) {
  const seed = network.seed(authority, 'build');
  return {
    publicKey: publicKeyFromSeed(seed),
    sign: (message: Uint8Array) => signEd25519(message, seed),
  };
}
