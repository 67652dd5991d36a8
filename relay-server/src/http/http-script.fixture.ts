import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';

/** One request and what is expected of the answer, as a block of a script. */
export interface ScriptedExchange {
  readonly title: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  readonly status: number;
  /** `-` means absent; `*` stands for any text. */
  readonly expected: readonly (readonly [name: string, value: string])[];
  readonly expectedBody: readonly string[];
}

/** An answer as it came over the wire. */
export interface Received {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/**
 * Reads a script: blocks with an empty line between them. In a block, `#` lines are its title, `GET /path` and `name: value` lines the request
 * (`body: text` its body), a line with three digits the status, and what follows headers of the answer; `= text` lines must
 * occur in its body, `= N bytes` is its length. `{name}` is replaced by a value of `names`.
 */
export function readScript(url: URL, names: Readonly<Record<string, string>>): ScriptedExchange[] {
  const text = readFileSync(url, 'utf8').replaceAll(
    /\{(\w+)\}/g,
    (whole, name: string) => names[name] ?? whole,
  );
  return text
    .split(/\n{2,}/)
    .filter((block) => /^[A-Z]+ \//m.test(block))
    .map(readBlock);
}

function readBlock(block: string): ScriptedExchange {
  const lines = block.split('\n').filter((line) => line !== '');
  const titles = lines.filter((line) => line.startsWith('#')).map((line) => line.slice(1).trim());
  const rest = lines.filter((line) => !line.startsWith('#'));
  const [method = '', target = ''] = rest[0]?.split(' ') ?? [];
  const statusAt = rest.findIndex((line) => /^\d{3}$/.test(line));
  const fields = (some: readonly string[]): [string, string][] =>
    some
      .filter((line) => !line.startsWith('= '))
      .map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon), line.slice(colon + 1).trim()];
      });
  const { body, ...headers } = Object.fromEntries(fields(rest.slice(1, statusAt)));
  const answer = rest.slice(statusAt + 1);
  return {
    title: titles.join(' ') || `${method} ${target}`,
    method,
    target,
    headers,
    body,
    status: Number(rest[statusAt]),
    expected: fields(answer),
    expectedBody: answer.filter((line) => line.startsWith('= ')).map((line) => line.slice(2)),
  };
}

/** What of the answer is not as the script says; empty when all is. */
export function differences(exchange: ScriptedExchange, received: Received): string[] {
  const wrong: string[] = [];
  if (received.status !== exchange.status) wrong.push(`status ${received.status}`);
  for (const [name, value] of exchange.expected) {
    const found = received.headers[name];
    const matches = value === '-' ? found === undefined : found !== undefined && patternOf(value).test(found);
    if (!matches) wrong.push(`${name}: ${found ?? '-'}`);
  }
  for (const line of exchange.expectedBody) {
    const bytes = /^(\d+) bytes$/.exec(line)?.[1];
    const matches =
      bytes === undefined ? received.body.includes(line) : received.body.length === Number(bytes);
    if (!matches)
      wrong.push(`body: ${received.body.length} bytes ${received.body.toString('utf8').slice(0, 200)}`);
  }
  return wrong;
}

function patternOf(value: string): RegExp {
  return new RegExp(`^${value.split('*').map(literally).join('.*')}$`, 's');
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Sends the request of an exchange to a server on loopback, byte for byte as scripted. */
export function send(port: number, { method, target, headers, body }: ScriptedExchange): Promise<Received> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      method,
      path: target,
      headers: { host: `127.0.0.1:${port}`, ...headers },
      agent: false,
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers as Record<string, string | undefined>,
          body: Buffer.concat(chunks),
        }),
      );
    });
    request.end(body);
  });
}
