import { signStatement } from '../archive/attestation.ts';
import { failureAttestation, mirrorAttestation } from '../archive/statement.ts';
import { publicKeyFromSeed, signEd25519 } from '../crypto/ed25519.ts';
import { sha256 } from '../crypto/sha256.ts';
import { sha512 } from '../crypto/sha512.ts';
import { toBase64 } from '../encoding/base64.ts';
import { utf8 } from '../encoding/bytes.ts';
import { toHex } from '../encoding/hex.ts';
import { blockSizeFor, encodeCapability } from '../eris/capability.ts';
import { encodeContent } from '../eris/encode.ts';
import { unwrap } from '../errors/result.ts';
import type { KeyJob } from './candidate.ts';
import { encodeRecord } from './codec.ts';
import { trustFromGenesis } from './network.ts';
import type { ProposedAdd } from './proposal.ts';
import type { AddTransaction } from './transaction.ts';
import type { AuthorityIdentity, GenesisRecord, NetworkTrust } from './types.ts';

const NAMES = ['ayla', 'borneo', 'cassini', 'delft', 'etna', 'fuji', 'gobi', 'hekla', 'ida', 'juno'];

/** 1 October 2026, when every test network was created. */
export const CREATED = 1_790_812_800;

/** A network whose private keys the test holds. */
export interface TestNetwork {
  readonly trust: NetworkTrust;
  /** The seed of one key of one authority of genesis. */
  seed(authority: number, job: KeyJob): Uint8Array;
  /** Makes a key pair, the same for the same label, and gives the public key. */
  makeKey(keyLabel: string): Uint8Array;
  /** The seed of any public key that was made for this network. */
  seedOf(publicKey: Uint8Array): Uint8Array;
}

/** A network of `count` authorities with fixed keys; networks of different labels share no key. */
export function makeNetwork(count = 4, changes: Partial<GenesisRecord> = {}, label = 'test'): TestNetwork {
  const seed = (authority: number, job: KeyJob) => sha256(utf8(`${label} ${authority} ${job}`));
  const seeds = new Map<string, Uint8Array>();
  const keep = (secret: Uint8Array): Uint8Array => {
    const publicKey = publicKeyFromSeed(secret);
    seeds.set(toHex(publicKey), secret);
    return publicKey;
  };
  const authorities = Array.from({ length: count }, (_, index): AuthorityIdentity => ({
    name: NAMES[index] ?? `a${index}`,
    voteKey: keep(seed(index, 'vote')),
    cosignKey: keep(seed(index, 'cosign')),
    logKey: keep(seed(index, 'log')),
    buildKey: keep(seed(index, 'build')),
    peerKey: keep(seed(index, 'peer')),
  }));
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
  return {
    trust: unwrap(trustFromGenesis(encodeRecord(genesis))),
    seed,
    makeKey: (keyLabel) => keep(sha256(utf8(`${label} ${keyLabel}`))),
    seedOf: (publicKey) => {
      const found = seeds.get(toHex(publicKey));
      if (found === undefined) throw new Error(`a key that was not made here: ${toHex(publicKey)}`);
      return found;
    },
  };
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

/** The envelope of an authority of the newest epoch of `trust` that got `proposal`. */
export function attest(
  network: TestNetwork,
  authority: number,
  proposal: ProposedAdd,
  trust: NetworkTrust = network.trust,
): Uint8Array {
  const statement = mirrorAttestation({
    trust,
    authority,
    proposal,
    upstream: 'https://registry.invalid/package.tgz',
    startedOn: CREATED + 60,
    finishedOn: CREATED + 61,
  });
  return signStatement(statement, buildKey(network, trust.current.authorities[authority]));
}

/** The envelope of an authority that could not get `purl`. */
export function attestFailure(network: TestNetwork, authority: number, purl: string): Uint8Array {
  const error = { code: 'E_UNKNOWN', fields: { code: 'none' } };
  const statement = failureAttestation({ trust: network.trust, authority, purl, error, at: CREATED + 62 });
  return signStatement(statement, buildKey(network, network.trust.current.authorities[authority]));
}

/** A transaction in which the authorities of `agree`, of the newest epoch of `trust`, attest to `proposal`. */
export function makeTransaction(
  network: TestNetwork,
  proposal: ProposedAdd,
  agree: readonly number[],
  dissent: readonly Uint8Array[] = [],
  trust: NetworkTrust = network.trust,
): AddTransaction {
  const envelopes = agree.map((authority) => attest(network, authority, proposal, trust));
  return { v: 1, kind: 'artifact-add', proposal, agree: envelopes, dissent };
}

function buildKey(network: TestNetwork, authority: AuthorityIdentity | undefined) {
  if (authority === undefined) throw new Error('no such authority');
  const seed = network.seedOf(authority.buildKey);
  return {
    publicKey: authority.buildKey,
    sign: (message: Uint8Array) => signEd25519(message, seed),
  };
}
