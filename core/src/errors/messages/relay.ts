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
} as const satisfies Messages;
