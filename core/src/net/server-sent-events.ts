import { AssayError } from '../errors/assay-error.ts';

/** No event that we read is longer: the progress of a request seen by 100 authorities. */
const MAX_EVENT_CHARACTERS = 128 * 1024;

/** The `data` of each server-sent event in a `text/event-stream` body. Comments and other fields are passed over. */
export async function* readServerSentEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  /** The line that is still coming, in the pieces it came in, so that each piece is looked at once. */
  let rest: string[] = [];
  let data: string[] = [];
  /** Characters in each, and one for every piece: empty ones take room too. */
  const held = { rest: 0, data: 0 };
  for await (const chunk of body) {
    const lines = decoder.decode(chunk, { stream: true }).split('\n');
    const last = lines.pop() ?? '';
    for (const piece of lines) {
      const line = (rest.join('') + piece).replace(/\r$/, '');
      rest = [];
      held.rest = 0;
      if (line.startsWith('data:')) {
        data.push(line.slice(5).replace(/^ /, ''));
        held.data += line.length + 1;
      } else if (line === '' && data.length > 0) {
        yield data.join('\n');
        data = [];
        held.data = 0;
      }
    }
    if (last !== '') {
      rest.push(last);
      held.rest += last.length + 1;
    }
    if (held.rest + held.data > MAX_EVENT_CHARACTERS)
      throw new AssayError('E_RESPONSE_TOO_LARGE', { limit: MAX_EVENT_CHARACTERS });
  }
}
