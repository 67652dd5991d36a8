import type { Messages } from '../message.ts';

/** Answers to package clients. */
export const registryMessages = {
  E_REGISTRY_NOT_IN_LOG: {
    happened: 'The log proves that it holds no {name}.',
    means: 'Nobody has asked the authorities for it yet.',
    remedy: 'Request it, then try again.',
    help: 'not-in-log',
  },
  E_REGISTRY_NO_FILE: {
    happened: '{name} holds no file {path}.',
    means: 'The package is verified; the path does not exist in it.',
    remedy: 'Look at the list of its files.',
    help: 'package-files',
  },
  E_REGISTRY_ROUTE: {
    happened: 'There is nothing at {path}.',
    means: 'The address is not one of the registry.',
    remedy: 'Check the registry address in the configuration of your package client.',
    help: 'registry-routes',
  },
  E_REGISTRY_METHOD: {
    happened: 'The method {method} is not allowed here.',
    means: 'This registry only hands out packages; it takes none.',
    remedy: 'Use GET or HEAD. New packages enter through a request.',
    help: 'registry-routes',
  },
  E_REGISTRY_UNAVAILABLE: {
    happened: '{name} cannot be had now: {reason}.',
    means: 'It is in the log, but nobody who holds it can be reached.',
    remedy: 'Try again later.',
    help: 'unavailable',
  },
} as const satisfies Messages;
