import type { Messages } from '../message.ts';

/** Gzip, tar and npm tarballs. */
export const archiveMessages = {
  E_GZIP: {
    happened: 'The file is not one whole gzip stream.',
    means: 'It is damaged, or something was appended to it.',
    remedy: 'Nothing inside it can be shown. The file itself can still be compared and saved.',
    help: 'archives',
  },
  E_GZIP_TOO_LARGE: {
    happened: 'The file unpacks to more than {limit} bytes.',
    means: 'Unpacking was stopped, so that no file can fill the memory of this program.',
    remedy: 'Save the file and unpack it with a tool of your own, with care.',
    help: 'archives',
  },
  E_TAR: {
    happened: 'The archive is not a well-formed tar file at byte {offset}: {reason}.',
    means: 'Programs could disagree about what is in it, so nothing of it is shown.',
    remedy: 'Save the file and look at it with a tool of your own, with care.',
    help: 'archives',
  },
  E_TAR_PATH: {
    happened: 'The archive holds a path that is refused: "{path}" ({reason}).',
    means: 'Unpacking it could write outside its folder, or programs could disagree about its contents.',
    remedy: 'Save the file and look at it with a tool of your own, with care.',
    help: 'archives',
  },
  E_TAR_LIMIT: {
    happened: 'The archive holds more than {limit} entries.',
    means: 'Reading was stopped, so that no file can exhaust this program.',
    remedy: 'Save the file and unpack it with a tool of your own, with care.',
    help: 'archives',
  },
  E_NPM_TARBALL: {
    happened: 'The file is not an npm package: {reason}.',
    means: 'It can be compared and saved, but npm could not install it.',
    remedy: 'Check that this is the file you meant.',
    help: 'archives',
  },
} as const satisfies Messages;
