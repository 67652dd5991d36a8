import { AssayError } from '@assay/core/errors/assay-error.ts';
import { errorAnswer } from '@assay/core/registry/answers.ts';
import type { NodeHolder } from './node-holder.ts';

/** Answers a request under `/registry/` or `/npm/` by the handler whose it is. Never rejects: failures are coded JSON answers. */
export async function answerRegistry(request: Request, nodes: NodeHolder): Promise<Response> {
  const url = new URL(request.url);
  try {
    const { handlers } = await nodes.current();
    const handler = handlers.find(({ canHandle }) => canHandle(url));
    if (handler === undefined) throw new AssayError('E_REGISTRY_ROUTE', { path: url.pathname });
    return await handler.handle(request);
  } catch (error) {
    return errorAnswer(request, error, { 'x-assay-handler': 'registry' });
  }
}
