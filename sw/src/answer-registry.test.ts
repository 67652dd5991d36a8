import { describe, expect, it } from 'vitest';
import { AssayError } from '@assay/core/errors/assay-error.ts';
import { answerRegistry } from './answer-registry.ts';
import { NodeHolder } from './node-holder.ts';

const handler = {
  name: 'npm',
  canHandle: ({ pathname }: URL) => pathname.startsWith('/registry/npm'),
  handle: async () => new Response('from npm'),
};
const holding = (open: () => Promise<unknown>) => new NodeHolder(open as never);
const opened = holding(async () => ({
  handlers: [handler],
  follow: async () => true,
  close: () => undefined,
}));
const unreachable = holding(() => Promise.reject(new AssayError('E_UNREACHABLE')));
const broken = holding(() => Promise.reject(new TypeError('undefined is not a function')));

/** Method, path, over which node, and the status and code of the answer. */
const table = [
  ['GET', '/registry/npm/clsx', opened, 200, undefined],
  ['GET', '/registry/oci/x', opened, 404, 'E_REGISTRY_ROUTE'],
  ['GET', '/npm', opened, 404, 'E_REGISTRY_ROUTE'],
  ['GET', '/registry/npm/clsx', unreachable, 503, 'E_UNREACHABLE'],
  ['GET', '/registry/npm/clsx', broken, 503, 'E_REGISTRY_UNAVAILABLE'],
] as const;

describe('answerRegistry', () => {
  it.each(table)('%s %s', async (method, path, nodes, status, code) => {
    const response = await answerRegistry(new Request(`http://127.0.0.1:7473${path}`, { method }), nodes);
    expect(response.status).toBe(status);
    if (code === undefined) return;
    expect(response.headers.get('x-assay-handler')).toBe('registry');
    expect(response.headers.get('retry-after')).toBe(status === 503 ? '5' : null);
    expect(await response.json()).toMatchObject({ code, error: expect.any(String) });
  });
});
