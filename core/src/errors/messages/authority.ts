import type { Messages } from '../message.ts';

/** Requests, downloads and the authorities' services. */
export const authorityMessages = {
  E_UPSTREAM_UNREACHABLE: {
    happened: 'The npm registry could not be reached: {reason}.',
    means: 'The authority could not fetch the package, so it made no statement about it.',
    remedy: 'Try again later; ask the operator of the authority if it lasts.',
    help: 'upstream',
  },
  E_UPSTREAM_STATUS: {
    happened: 'The npm registry answered {status} for {name}.',
    means: 'The authority could not fetch the package, so it made no statement about it.',
    remedy: 'Try again later.',
    help: 'upstream',
  },
  E_UPSTREAM_ANSWER: {
    happened: 'The npm registry gave an answer about {name} that cannot be used: {reason}.',
    means: 'The authority could not fetch the package, so it made no statement about it.',
    remedy: 'Try again later; report it to the registry if it lasts.',
    help: 'upstream',
  },
  E_UPSTREAM_NO_PACKAGE: {
    happened: 'The npm registry knows no package {name}.',
    means: 'There is nothing to fetch.',
    remedy: 'Check the name for a typing error.',
    help: 'upstream',
  },
  E_UPSTREAM_NO_VERSION: {
    happened: 'The npm registry knows no version {version} of {name}.',
    means: 'There is nothing to fetch.',
    remedy: 'Check the version, or ask for the package without one to get the newest.',
    help: 'upstream',
  },
  E_UPSTREAM_INTEGRITY: {
    happened: 'The tarball of {name} does not match the integrity that the npm registry states for it.',
    means: 'The bytes were changed on the way or at the registry. The authority refuses them.',
    remedy: 'Try again; if it stays so, tell the registry and the author of the package.',
    help: 'upstream-integrity',
  },
  E_UPSTREAM_TOO_LARGE: {
    happened: 'The tarball of {name} is {size} bytes long; this network accepts {limit}.',
    means: 'The authorities do not take packages of this size.',
    remedy: 'Ask for another version, or ask the operators to raise the limit.',
    help: 'limits',
  },
  E_UPSTREAM_NO_INTEGRITY: {
    happened: 'The npm registry states no SHA-512 integrity for {name}.',
    means: 'It has only a SHA-1 sum, for which two different files can be made. The authority refuses it.',
    remedy: 'Ask for a newer version; versions published since 2017 have an integrity.',
    help: 'upstream-integrity',
  },
  E_UPSTREAM_TARBALL: {
    happened: 'The tarball of {name} cannot be used: {reason}.',
    means: 'It matches what the registry states, but it is not a well-formed npm package.',
    remedy: 'Ask for another version, or tell the author of the package.',
    help: 'upstream',
  },
  E_UPSTREAM_NAME: {
    happened: 'The tarball of {name} says that it is {found}.',
    means: 'A record must not give the bytes of one package to another name, so the authority refuses it.',
    remedy: 'Ask for another version, or tell the author of the package.',
    help: 'upstream',
  },
  E_REQUEST_TIME: {
    happened: 'The request was signed {seconds} seconds from now; at most {limit} are accepted.',
    means: 'A clock is wrong, or an old request was sent again.',
    remedy: 'Check the clock of your computer, then make the request again.',
    help: 'requests',
  },
  E_REQUEST_RATE: {
    happened: 'This key has made too many requests; the next one is accepted in {seconds} seconds.',
    means: 'Each requester gets a fair share of the work of the authorities.',
    remedy: 'Wait, then ask again.',
    help: 'requests',
  },
  E_REQUEST_QUEUE: {
    happened: 'The queue is full: {count} requests are waiting.',
    means: 'The authorities are busy; your request was not taken.',
    remedy: 'Try again in some minutes.',
    help: 'requests',
  },
  E_REQUEST_UNKNOWN: {
    happened: 'No request {id} is known here.',
    means: 'It was never made here, or it ended long ago.',
    remedy: 'Look for the package in the log, or ask for it again.',
    help: 'requests',
  },
  E_NO_AGREEMENT: {
    happened: 'Only {agreed} authorities saw the same bytes; {needed} are needed.',
    means: 'The authorities did not get the same package, so it does not enter the log.',
    remedy: 'Look at who saw what. If the registry has changed the package, ask again later.',
    help: 'agreement',
  },
  E_NO_ANSWER: {
    happened: 'Only {answered} authorities answered within {seconds} seconds; {needed} must agree.',
    means: 'Too few authorities are running or can reach each other, so nothing entered the log.',
    remedy: 'Look at the state of the network, then ask again.',
    help: 'agreement',
  },
  E_NOT_AN_AUTHORITY: {
    happened: 'This node is not one of the authorities of epoch {epoch}.',
    means: 'It follows the log, but it takes no requests and makes no statements.',
    remedy:
      'Ask one of the authorities. If it is to become one, its operator hands its candidate file to theirs.',
    help: 'epochs',
  },
  E_AUTHORITY_ADDRESS: {
    happened: 'Nobody can be told to reach this authority at {listen}.',
    means:
      'A candidate names the addresses under which the others will dial it; this is only where it listens.',
    remedy:
      'Listen on a fixed port of one address, or say with --announce (in config.json: "announce") where it is reached.',
    help: 'authority-setup',
  },
  E_CANDIDATE_UNKNOWN: {
    happened: 'No candidate {name} is known here.',
    means: 'Its operator has to hand over its candidate file before it can be approved.',
    remedy: 'Approve the file itself, or list the known ones with assay authority status.',
    help: 'epochs',
  },
  E_CANDIDATE_AMBIGUOUS: {
    happened: 'Several candidates are named {name}.',
    means: 'They have different keys or addresses; only one can be meant.',
    remedy: 'Name it by the beginning of its fingerprint, or by its candidate file.',
    help: 'epochs',
  },
  E_ADMIN_SOCKET: {
    happened: 'The socket {path} for the operator cannot be opened: {reason}.',
    means: 'Without it nobody could tell the authority what to do, so it does not start.',
    remedy: 'Check the data folder and its permissions; move it to a shorter path if that is the reason.',
    help: 'authority-setup',
  },
  E_ADMIN_UNREACHABLE: {
    happened: 'No authority is running in {folder}: {reason}.',
    means:
      'Operators talk to their authority over a socket in its data folder, which is there while it runs.',
    remedy: 'Start it with assay authority run --data {folder}, or check the folder.',
    help: 'epochs',
  },
  E_AUTHORITY_CONFIG: {
    happened: 'The file {file} of this authority cannot be used: {reason}.',
    means: 'The authority does not start without it.',
    remedy: 'Correct the file, or make the authority anew.',
    help: 'authority-setup',
  },
  E_AUTHORITY_EXISTS: {
    happened: '{file} is there already.',
    means: 'Keys are never overwritten: a network that trusts them would lose this authority.',
    remedy: 'Use another folder, or print the identity of the one that is there.',
    help: 'authority-setup',
  },
  E_AUTHORITY_KEYS: {
    happened: 'The keys in this folder are not those of the authority {name} of the network.',
    means: 'The folder belongs to another authority or another network.',
    remedy: 'Check the data folder, the name and the genesis file.',
    help: 'authority-setup',
  },
} as const satisfies Messages;
