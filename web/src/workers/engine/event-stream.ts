import type { EventListeners } from './platform.ts';

/** Wait before a stream is opened anew that the browser has given up: the server refused it, or answered with something else. */
const REOPEN_MS = 15_000;

/** Listens to server-sent events for as long as the worker lives. */
export function openEvents(url: string, { onOpen, onEvent, onLost }: EventListeners): void {
  const source = new EventSource(url);
  let isOpen = false;
  source.addEventListener('open', () => {
    isOpen = true;
    onOpen();
  });
  source.addEventListener('message', ({ data }) => onEvent(String(data)));
  source.addEventListener('error', () => {
    if (isOpen) onLost();
    isOpen = false;
    if (source.readyState !== EventSource.CLOSED) return;
    setTimeout(() => openEvents(url, { onOpen, onEvent, onLost }), REOPEN_MS);
  });
}
