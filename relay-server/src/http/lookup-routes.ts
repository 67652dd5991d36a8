import { createHash } from 'node:crypto';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { unwrap } from '@assay/core/errors/result.ts';
import { answerLookup, type LookupView } from '@assay/core/lookup/answer.ts';
import { encodeLookup } from '@assay/core/lookup/bundle.ts';
import type { LookupKnown } from '@assay/core/net/sources.ts';
import { NO_CACHE } from './answers.ts';
import type { HttpRoute } from './exchange.ts';
import { bytesResource, resourceAnswer } from './resource.ts';

/**
 * What the map of packages says of a purl, with its proofs: `/lookup/<purl, percent-encoded>?have=<size>&from=<size>`. 200 for
 * what is not in the log as well: the answer proves that.
 */
export function lookupRoute(view: () => LookupView | undefined): HttpRoute {
  return {
    name: 'lookup',
    methods: ['GET', 'HEAD'],
    owns: (path) => /^\/lookup(?:\/|$)/.test(path),
    async handle(request) {
      const known = knownOf(request.query);
      const current = view();
      if (current === undefined) throw new AssayError('E_LOOKUP_UNAVAILABLE');
      const purl = request.path.slice('/lookup/'.length);
      const answer = encodeLookup(unwrap(await answerLookup(current, purl, known)));
      const etag = `"${createHash('sha256').update(answer).digest('base64url')}"`;
      const about = { etag, type: 'application/cbor', cache: NO_CACHE };
      return resourceAnswer(request, bytesResource(answer, about));
    },
  };
}

/** Reads the query: each of the two sizes at most once, and nothing else. */
function knownOf(query: string): LookupKnown {
  const fields = query === '' ? [] : query.split('&');
  const sizes = fields.map((field) => /^(have|from)=(0|[1-9]\d{0,14})$/.exec(field));
  const known = Object.fromEntries(sizes.flatMap((size) => (size ? [[size[1], Number(size[2])]] : [])));
  if (Object.keys(known).length < fields.length)
    throw new AssayError('E_HTTP_REQUEST', { reason: 'its query is not have= and from= with sizes' });
  return known;
}
