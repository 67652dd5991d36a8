import type { Messages } from '../message.ts';

/** The relay's HTTP and libp2p services. */
export const relayMessages = {
  E_HTTP_HOST: {
    happened: 'Requests for the host {host} are not answered here.',
    means: 'The relay answers only under its own names, so that foreign pages cannot use it.',
    remedy: 'Use the address that the relay printed at its start.',
    help: 'relay-http',
  },
  E_HTTP_RATE: {
    happened: 'Too many requests came from this address; the next one is answered in {seconds} seconds.',
    means: 'The relay shares its work among all who ask.',
    remedy: 'Wait, then try again.',
    help: 'relay-http',
  },
  E_HTTP_BODY: {
    happened: 'The body of the request is longer than {limit} bytes.',
    means: 'It was not read.',
    remedy: 'Send less.',
    help: 'limits',
  },
  E_HTTP_METHOD: {
    happened: 'The method {method} is not allowed here.',
    means: 'Nothing was done.',
    remedy: 'Use one of the methods that the answer names.',
    help: 'relay-http',
  },
  E_HTTP_REQUEST: {
    happened: 'The request cannot be used: {reason}.',
    means: 'Nothing was done.',
    remedy: 'Check what was sent.',
    help: 'relay-http',
  },
  E_HTTP_RANGE: {
    happened: 'None of the {size} bytes lies in the range that was asked for.',
    means: 'What is stored here is shorter than the asker believes.',
    remedy: 'Ask for another range.',
    help: 'relay-http',
  },
  E_HTTP_STREAMS: {
    happened: 'The relay holds {limit} event streams open and takes no more.',
    means: 'Each stream costs memory as long as it is open.',
    remedy: 'Close other pages, or ask again later.',
    help: 'relay-http',
  },
  E_PACK_COMING: {
    happened: 'The relay does not hold this pack yet.',
    means: 'The log records it, and the relay is fetching it from the authorities.',
    remedy: 'Try again in a moment.',
    help: 'relay-http',
  },
  E_RELAY_INTERNAL: {
    happened: 'The relay failed while it answered.',
    means: 'It is a fault of the relay, not of the request.',
    remedy: 'Try again; if it stays, tell the people who run the relay.',
    help: 'relay-http',
  },
  E_SERVICE_WORKER: {
    happened: 'Only the service worker in the browser answers {path}.',
    means:
      'The relay never hands out package files here: they come from bytes that the browser has verified itself.',
    remedy:
      'Open the start page once so that the service worker is installed, then load this address from a page of it.',
    help: 'service-worker',
  },
  E_NO_AUTHORITY: {
    happened: 'None of the {count} authorities can be reached from the relay.',
    means: 'What is in the log can still be read and verified; nothing new can be requested now.',
    remedy: 'Try again later.',
    help: 'authorities',
  },
  E_RELAY_CONFIG: {
    happened: 'The configuration {path} cannot be used: {reason}.',
    means: 'The relay does not start with settings it might misunderstand.',
    remedy: 'Correct the file.',
    help: 'relay-config',
  },
} as const satisfies Messages;
