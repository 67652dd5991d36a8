import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publicKeyFromSeed } from '@assay/core/crypto/ed25519.ts';
import { signEd25519Node } from '@assay/core/crypto/ed25519-node.ts';
import { fromHex } from '@assay/core/encoding/hex.ts';
import { utf8 } from '@assay/core/encoding/bytes.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { formatCheckpointBody } from '@assay/core/log/checkpoint.ts';
import { cosignatureMessage, encodeCosignature } from '@assay/core/log/cosignature.ts';
import {
  COSIGNATURE_TYPE,
  ED25519_TYPE,
  formatNote,
  keyId,
  parseNote,
  type NoteSignature,
} from '@assay/core/log/note.ts';
import { cosignerName } from '@assay/core/records/authority-set.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { Network } from './network.ts';

interface Seeds {
  readonly name: string;
  readonly cosign: Uint8Array;
  readonly log: Uint8Array;
}

/** The real keys of a network's authorities, in the hands of a test: what it signs, a colluding quorum could sign. */
export class SigningAuthorities {
  readonly trust: NetworkTrust;
  readonly #seeds: readonly Seeds[];

  private constructor(trust: NetworkTrust, seeds: readonly Seeds[]) {
    this.trust = trust;
    this.#seeds = seeds;
  }

  /** Reads every `keys.json` of a network. */
  static async of(network: Network): Promise<SigningAuthorities> {
    const trust = await network.trust();
    const seeds = await Promise.all(
      trust.current.authorities.map(async ({ name }, index) => {
        const path = join(network.authorityFolder(index), 'keys.json');
        const keys = JSON.parse(await readFile(path, 'utf8')) as Record<'cosign' | 'log', string>;
        return { name, cosign: unwrap(fromHex(keys.cosign)), log: unwrap(fromHex(keys.log)) };
      }),
    );
    return new SigningAuthorities(trust, seeds);
  }

  /** A checkpoint of any tree, cosigned by the first `count` authorities at a time in Unix seconds. */
  checkpoint(
    { size, root }: { readonly size: number; readonly root: Uint8Array },
    { count, time }: { count?: number; time?: number } = {},
  ): Uint8Array {
    const { origin } = this.trust.genesis;
    return this.sign(formatCheckpointBody({ origin, size, root, extensions: [] }), { count, time });
  }

  /** The same statement as an existing note, with other cosignatures. */
  signAgain(note: Uint8Array, how: { count?: number; time?: number }): Uint8Array {
    return this.sign(unwrap(parseNote(note)).text, how);
  }

  private sign(
    body: string,
    { count, time }: { count?: number | undefined; time?: number | undefined },
  ): Uint8Array {
    const cosigners = this.#seeds.slice(0, count ?? this.trust.current.policy.quorum);
    const at = time ?? Math.floor(Date.now() / 1000);
    return formatNote(body, [
      this.#logLine(body),
      ...cosigners.map((seeds) => this.#cosignature(seeds, body, at)),
    ]);
  }

  #logLine(body: string): NoteSignature {
    const { origin } = this.trust.genesis;
    const seed = this.#seeds[0]?.log ?? new Uint8Array(32);
    return {
      name: origin,
      keyId: keyId(origin, ED25519_TYPE, publicKeyFromSeed(seed)),
      signature: signEd25519Node(utf8(body), seed),
    };
  }

  #cosignature({ name, cosign }: Seeds, body: string, time: number): NoteSignature {
    const key = cosignerName(this.trust.genesis.origin, name);
    const signature = signEd25519Node(cosignatureMessage(body, time), cosign);
    return {
      name: key,
      keyId: keyId(key, COSIGNATURE_TYPE, publicKeyFromSeed(cosign)),
      signature: encodeCosignature(time, signature),
    };
  }
}
