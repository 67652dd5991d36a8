import type { Messages } from '../message.ts';

/** Bytes and texts that are not what they should be: readers, hex, base32, base64, CBOR and its shapes. */
export const encodingMessages = {
  E_BYTES_TRUNCATED: {
    happened: 'The data ends at byte {offset}, where {need} more bytes are needed.',
    means: 'Part of the data is missing.',
    remedy: 'Fetch it again, from another source if it stays short.',
    help: 'damaged-data',
  },
  E_BYTES_TRAILING: {
    happened: '{count} bytes follow after the end of the data.',
    means: 'The data was put together wrongly or something was appended to it.',
    remedy: 'Fetch it again, from another source if it stays so.',
    help: 'damaged-data',
  },
  E_INTEGER_RANGE: {
    happened: 'The integer at byte {offset} is beyond 2^53 - 1.',
    means: 'No number in our formats is that large; the data is damaged or forged.',
    remedy: 'Fetch it again, from another source.',
    help: 'damaged-data',
  },
  E_UTF8: {
    happened: 'The text is not valid UTF-8.',
    means: 'The data is damaged or is not text at all.',
    remedy: 'Fetch it again, from another source.',
    help: 'damaged-data',
  },
  E_HEX: {
    happened: 'The text is not lower-case hexadecimal with two digits per byte.',
    means: 'It cannot be read as bytes.',
    remedy: 'Check that it was copied whole.',
    help: 'text-encodings',
  },
  E_BASE32: {
    happened: 'The text is not base32 in its one accepted form: upper case, no padding, spare bits zero.',
    means: 'It cannot be read as bytes.',
    remedy: 'Check that it was copied whole.',
    help: 'text-encodings',
  },
  E_BASE64: {
    happened: 'The text is not base64 in its one accepted form: standard alphabet, padded, spare bits zero.',
    means: 'It cannot be read as bytes.',
    remedy: 'Check that it was copied whole.',
    help: 'text-encodings',
  },
  E_CBOR_TOO_LARGE: {
    happened: 'The CBOR data is {size} bytes long; at most {limit} are accepted here.',
    means: 'It was not read, so that nobody can fill the memory of this program.',
    remedy: 'Fetch it from another source.',
    help: 'limits',
  },
  E_CBOR_TRUNCATED: {
    happened: 'The CBOR data ends at byte {offset} in the middle of an item.',
    means: 'Part of the data is missing.',
    remedy: 'Fetch it again, from another source if it stays short.',
    help: 'damaged-data',
  },
  E_CBOR_TRAILING: {
    happened: '{count} bytes follow after the CBOR item.',
    means: 'Something was appended to the data.',
    remedy: 'Fetch it again, from another source.',
    help: 'damaged-data',
  },
  E_CBOR_DEPTH: {
    happened: 'The CBOR data is nested deeper than {limit} levels at byte {offset}.',
    means: 'It was not read on, so that nobody can exhaust this program.',
    remedy: 'Fetch it from another source.',
    help: 'limits',
  },
  E_CBOR_ITEMS: {
    happened: 'The CBOR data holds more than {limit} items.',
    means: 'It was not read on, so that nobody can exhaust this program.',
    remedy: 'Fetch it from another source.',
    help: 'limits',
  },
  E_CBOR_NOT_CANONICAL: {
    happened: 'The CBOR item at byte {offset} is not in its shortest form, or its map is out of order.',
    means: 'The same content has exactly one accepted encoding, so that its hash is the same everywhere.',
    remedy: 'The program that wrote it must use deterministic CBOR (RFC 8949, 4.2.1).',
    help: 'canonical-cbor',
  },
  E_CBOR_DUPLICATE_KEY: {
    happened: 'The CBOR map at byte {offset} holds a key twice.',
    means: 'Readers could disagree about which of the values counts.',
    remedy: 'Do not use this data.',
    help: 'canonical-cbor',
  },
  E_CBOR_UNSUPPORTED: {
    happened: 'The CBOR item at byte {offset} is of a kind that is not used here: {kind}.',
    means: 'Only integers, texts, byte strings, booleans, null, arrays and maps with text keys are used.',
    remedy: 'The program that wrote it speaks another format.',
    help: 'canonical-cbor',
  },
  E_CBOR_UNENCODABLE: {
    happened: 'A value has no canonical CBOR encoding here: {reason}.',
    means: 'This is a fault in the program that tried to write it.',
    remedy: 'Please report it.',
    help: 'canonical-cbor',
  },
  E_SHAPE_TYPE: {
    happened: 'The field {path} should be {expected}.',
    means: 'The data does not have the form that was agreed.',
    remedy: 'Update this program, or fetch the data from another source.',
    help: 'data-shapes',
  },
  E_SHAPE_RANGE: {
    happened: 'The field {path} should be {expected}.',
    means: 'The value is outside the limits that were agreed.',
    remedy: 'Update this program, or fetch the data from another source.',
    help: 'data-shapes',
  },
  E_SHAPE_MISSING_FIELD: {
    happened: 'The field {path} is missing.',
    means: 'The data does not have the form that was agreed.',
    remedy: 'Update this program, or fetch the data from another source.',
    help: 'data-shapes',
  },
  E_SHAPE_UNKNOWN_FIELD: {
    happened: 'The field {path} is not known.',
    means: 'It was written by a newer program, or something was slipped in.',
    remedy: 'Update this program.',
    help: 'data-shapes',
  },
} as const satisfies Messages;
