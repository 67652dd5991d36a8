import { AssayError } from '../errors/assay-error.ts';

/** No event that we read is longer: the progress of a request seen by 100 authorities. */
const MAX_EVENT_CHARACTERS = 128 * 1024;

/** The `data` of each server-sent event in a `text/event-stream` body. Comments and other fields are passed over. */
export async function* readServerSentEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.map((text) => text.replace(/\r$/, ''))) {
      if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
      if (line !== '' || data.length === 0) continue;
      yield data.join('\n');
      data = [];
    }
    const held = rest.length + data.reduce((length, line) => length + line.length, 0);
    if (held > MAX_EVENT_CHARACTERS)
      throw new AssayError('E_RESPONSE_TOO_LARGE', { limit: MAX_EVENT_CHARACTERS });
  }
}
