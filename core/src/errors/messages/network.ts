import type { Messages } from '../message.ts';

/** Talking to peers, relays and mirrors: frames, protocols, HTTP. */
export const networkMessages = {
  E_FRAME_EMPTY: {
    happened: 'The other side sent an empty frame.',
    means: 'It does not speak the protocol. The stream was ended.',
    remedy: 'Nothing is needed: others are asked.',
    help: 'peers',
  },
  E_FRAME_TOO_LARGE: {
    happened: 'The other side announced a frame of {bytes} bytes; at most {limit} are accepted.',
    means:
      'It does not speak the protocol, or tries to fill the memory of this program. The stream was ended.',
    remedy: 'Nothing is needed: others are asked.',
    help: 'peers',
  },
  E_FRAME_TRUNCATED: {
    happened: 'The stream ended in the middle of a frame.',
    means: 'The other side went away or does not speak the protocol.',
    remedy: 'Nothing is needed: others are asked.',
    help: 'peers',
  },
  E_FRAME_FLOOD: {
    happened: 'The other side sent more than {limit} bytes without being asked.',
    means: 'The stream was ended, so that nobody can fill the memory of this program.',
    remedy: 'Nothing is needed: others are asked.',
    help: 'peers',
  },
  E_PROTOCOL: {
    happened: 'The other side broke the protocol: {reason}.',
    means: 'It runs another version, or is not honest. What it sent was not used.',
    remedy: 'Nothing is needed: others are asked.',
    help: 'peers',
  },
  E_STREAM_CLOSED: {
    happened: 'The stream was closed by the other side.',
    means: 'It went away or refused.',
    remedy: 'Try again; others are asked in the meantime.',
    help: 'peers',
  },
  E_UNREACHABLE: {
    happened: 'The other side cannot be reached.',
    means: 'It is switched off, or something between you and it does not let the connection pass.',
    remedy: 'Check your connection and try again.',
    help: 'unreachable',
  },
  E_TIMEOUT: {
    happened: 'There was no answer within {seconds} s.',
    means: 'The other side is slow, busy or gone.',
    remedy: 'Try again.',
    help: 'unreachable',
  },
  E_ABORTED: {
    happened: 'The work was stopped.',
    means: 'You, or the page you were on, asked for it to end.',
    remedy: 'Start it again when you want; it goes on where it stopped.',
    help: 'stopped',
  },
  E_NOT_FOUND: {
    happened: 'The other side does not have {what}.',
    means: 'It may be held by others.',
    remedy: 'Nothing is needed: others are asked.',
    help: 'peers',
  },
  E_REFUSED: {
    happened: 'The other side refused: {reason}.',
    means: 'It limits what it serves or takes in.',
    remedy: 'Wait a little and try again.',
    help: 'peers',
  },
  E_HTTP_STATUS: {
    happened: 'The server answered with status {status}.',
    means: 'It could not or would not do what was asked.',
    remedy: 'Try again later, or use another relay.',
    help: 'mirrors',
  },
  E_RESPONSE_TOO_LARGE: {
    happened: 'The server sent more than {limit} bytes.',
    means: 'The rest was not read, so that nobody can fill the memory of this program.',
    remedy: 'Use another relay.',
    help: 'mirrors',
  },
  E_RESPONSE_TRUNCATED: {
    happened: 'The answer ended after {have} of {need} bytes.',
    means: 'The connection broke, or the server does not have all of it.',
    remedy: 'Nothing is needed: the rest is asked of others.',
    help: 'mirrors',
  },
  E_REQUEST_NETWORK: {
    happened: 'The request was signed for another network.',
    means: 'It was carried over from elsewhere and does not count here.',
    remedy: 'Make the request on this network.',
    help: 'requests',
  },
  E_REQUEST_SIGNATURE: {
    happened: 'The signature of the request does not match.',
    means: 'The request was changed on its way, or signed with another key.',
    remedy: 'Make the request again.',
    help: 'requests',
  },
} as const satisfies Messages;
