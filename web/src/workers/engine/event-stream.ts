/** Wait before a stream is opened anew that the browser has given up: the server refused it, or answered with something else. */
const REOPEN_MS = 15_000;

/** Listens to server-sent events for as long as the worker lives; gives the function that ends it. */
export function openEvents(
  url: string,
  listener: { onOpen(): void; onEvent(data: string): void },
): () => void {
  let source: EventSource;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource(url);
    source.addEventListener('open', () => listener.onOpen());
    source.addEventListener('message', ({ data }) => listener.onEvent(String(data)));
    source.addEventListener('error', () => {
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, REOPEN_MS);
    });
  };
  open();
  return () => {
    clearTimeout(timer);
    source.close();
  };
}
