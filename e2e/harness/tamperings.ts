import type { Answer, Tampering } from './tampering-proxy.ts';

/** What carries artifacts over HTTP. */
export const ARTIFACTS = /^\/(?:pack\/|uri-res\/)/;
/** Everything a mirror serves, but not the app. */
export const MIRROR = /^\/(?:pack\/|uri-res\/|checkpoint|tile\/|evidence\/)/;

/** Everything a relay answers over HTTP, but the app and the description of the network. */
export const ALL_BUT_THE_APP =
  /^\/(?:pack\/|uri-res\/|checkpoint|tile\/|evidence\/|lookup|requests|events|status\.json)/;
/** Everything, the app too. */
export const EVERYTHING = /^/;

/** Refuses the connection of matching requests. */
export function blocked(paths: RegExp): Tampering {
  return { matches: (path) => paths.test(path), answer: () => Promise.resolve(undefined) };
}

/** Changes the bodies of good answers to matching requests. */
export function changed(paths: RegExp, change: (body: Uint8Array) => Uint8Array): Tampering {
  return {
    matches: (path, method) => method === 'GET' && paths.test(path),
    async answer(honest) {
      const answer = await honest();
      return answer.status < 300 ? { ...answer, body: change(answer.body) } : answer;
    },
  };
}

/** Flips one bit in the middle. */
export function flipped(paths: RegExp): Tampering {
  return changed(paths, (body) => {
    const bytes = body.slice();
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    return bytes;
  });
}

/** Leaves out the second half. */
export function truncated(paths: RegExp): Tampering {
  return changed(paths, (body) => body.slice(0, body.length >> 1));
}

/** Answers with the same bytes whatever was asked for; a status says how well. */
export function replaced(paths: RegExp, body: Uint8Array | (() => Uint8Array), status = 200): Tampering {
  return {
    matches: (path, method) => method === 'GET' && paths.test(path),
    answer: () =>
      Promise.resolve({
        status,
        headers: { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' },
        body: typeof body === 'function' ? body() : body,
      }),
  };
}

/** Says that it does not have what is asked for. */
export function missing(paths: RegExp): Tampering {
  const error = JSON.stringify({ code: 'E_NOT_FOUND', fields: { what: 'this' } });
  return replaced(paths, new TextEncoder().encode(error), 404);
}

/** Names no relays, so that pages have no way but this proxy; and no mirrors but those given. */
export function onlyMirrors(mirrors?: readonly string[]): Tampering {
  return networkDocument((document) => ({
    ...document,
    relays: [],
    ...(mirrors !== undefined && { mirrors }),
  }));
}

/** Names these mirrors besides. The content security policy has to allow them too: see {@link allowingConnections}. */
export function withMirrors(...more: readonly string[]): Tampering {
  return networkDocument((document) => ({
    ...document,
    mirrors: [...(document['mirrors'] as string[]), ...more],
  }));
}

/** Lets pages connect to further origins, as a relay does that knows of further mirrors. */
export function allowingConnections(...origins: readonly string[]): Tampering {
  return {
    matches: (path, method) => method === 'GET' && !MIRROR.test(path) && path !== '/events',
    async answer(honest) {
      const answer = await honest();
      const policy = String(answer.headers['content-security-policy'] ?? '');
      return withHeader(
        answer,
        'content-security-policy',
        policy.replace("connect-src 'self'", `$& ${origins.join(' ')}`),
      );
    },
  };
}

function networkDocument(change: (document: Record<string, unknown>) => object): Tampering {
  return changed(/^\/network\.json$/, (body) => {
    const document = JSON.parse(new TextDecoder().decode(body)) as Record<string, unknown>;
    return new TextEncoder().encode(JSON.stringify(change(document)));
  });
}

function withHeader(answer: Answer, name: string, value: string): Answer {
  return { ...answer, headers: { ...answer.headers, [name]: value } };
}
