import type { Messages } from '../message.ts';

/** The command line. */
export const cliMessages = {
  E_USAGE: {
    happened: '{problem}.',
    means: 'The command was not run.',
    remedy: 'See assay --help.',
    help: 'command-line',
  },
  E_NO_NETWORK: {
    happened: 'No network is known at {place}.',
    means: 'The command needs a network to ask.',
    remedy: 'Start one with npm start, or name one with --data DIR or --relay URL.',
    help: 'command-line',
  },
  E_GENESIS_CHANGED: {
    happened: 'The relay {relay} now names another network ({found}) than the one known before ({pinned}).',
    means: 'Either the relay was set up anew, or it is not the one it was.',
    remedy: 'Ask whoever runs it. If the change is meant, forget the old network and open the new one.',
    help: 'command-line',
  },
  E_PORT_IN_USE: {
    happened: 'Port {port} of this machine is in use.',
    means: 'Another program listens there, perhaps another network.',
    remedy: 'Stop it, or choose another port with --port.',
    help: 'command-line',
  },
  E_PROCESS_ENDED: {
    happened: 'The process {name} ended unexpectedly: {reason}.',
    means: 'The network runs without it, if it can.',
    remedy: 'Read its output above, then start the network again.',
    help: 'command-line',
  },
  E_PROCESS_START: {
    happened: 'The process {name} did not start: {reason}.',
    means: 'The network was not started.',
    remedy: 'Read what it wrote to its log.',
    help: 'command-line',
  },
  E_FILE: {
    happened: 'The file {path} could not be used: {reason}.',
    means: 'Nothing was changed.',
    remedy: 'Check the path and its permissions.',
    help: 'command-line',
  },
} as const satisfies Messages;
