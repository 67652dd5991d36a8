import type { Clock } from '@assay/core/clock.ts';
import { fromHex, toHex } from '@assay/core/encoding/hex.ts';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { throwIfAborted } from '@assay/core/net/deadline.ts';
import type { CatalogueEntry } from '@assay/core/node/catalogue.ts';
import { checkFile, watchedChunks } from '@assay/core/node/check-file.ts';
import type { VerifiedNode } from '@assay/core/node/verified-node.ts';
import { MAX_EVIDENCE_FILE_BYTES, parseEvidenceFile } from '@assay/core/verify/evidence-file.ts';
import type { Evidence } from '@assay/core/verify/types.ts';
import type { VersionSummary } from '../../lib/node/api.ts';
import type { EngineProcedures, NamedFile } from '../../lib/node/engine-procedures.ts';
import type { Handlers } from '../../lib/rpc/procedures.ts';
import { chunksOf, progressTeller } from './file-reading.ts';
import { packsByRoot, summaryView } from './views.ts';

/** Most versions named in one answer: the same bytes, or the same file name, in more is nothing anybody reads through. */
const MAX_VERSIONS = 20;

type FileHandlers = Pick<Handlers<EngineProcedures>, 'verifyFile' | 'verifyEvidence' | 'findDigest'>;

/** Answers what the page asks about files from this device. Nothing of them is stored or sent. */
export function fileHandlers(ready: () => Promise<VerifiedNode>, clock: Clock): FileHandlers {
  return {
    async verifyFile({ file, name, purl }, { news, signal }) {
      const node = await ready();
      const { sha256, size, recorded, namesakes, verification } = await checkFile(
        node,
        { name, chunks: () => chunksOf(file) },
        { onProgress: progressTeller(file.size, clock, news), signal, ...(purl !== undefined && { purl }) },
      );
      return {
        size,
        sha256: toHex(sha256),
        recorded: await summaries(node, recorded),
        namesakes: await summaries(node, namesakes),
        verification,
      };
    },

    async verifyEvidence({ evidence, about }, { news, signal }) {
      const node = await ready();
      if (evidence.size > MAX_EVIDENCE_FILE_BYTES) {
        throw new AssayError('E_EVIDENCE_FILE', { reason: `more than ${MAX_EVIDENCE_FILE_BYTES} bytes` });
      }
      const parsed = unwrap(parseEvidenceFile(await evidence.text(), node.trust));
      const tell = progressTeller(about?.file.size ?? 0, clock, news);
      const chunks = ({ file }: NamedFile) => watchedChunks(() => chunksOf(file), 'comparing', tell, signal);
      const verification = await node.verifyEvidence(
        about === undefined ? parsed : withContent(parsed, about.name, () => chunks(about)),
      );
      throwIfAborted(signal);
      return verification;
    },

    async findDigest(sha256) {
      const node = await ready();
      const found = node.catalogue.byDigest(unwrap(fromHex(sha256)));
      const { size: searched } = node.log;
      return { versions: await summaries(node, found), searched, whole: node.isWhole };
    },
  };
}

function withContent(
  evidence: Evidence,
  fileName: string,
  chunks: () => AsyncIterable<Uint8Array>,
): Evidence {
  const name = evidence.artifact?.name ?? fileName;
  return { ...evidence, artifact: { name, content: { kind: 'bytes', chunks } } };
}

async function summaries(
  node: VerifiedNode,
  entries: readonly CatalogueEntry[],
): Promise<readonly VersionSummary[]> {
  const packs = packsByRoot(await node.storage());
  return entries.slice(0, MAX_VERSIONS).map((entry) => summaryView(entry, packs));
}
