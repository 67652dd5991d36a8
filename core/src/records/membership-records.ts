import type { CborMap } from '../encoding/cbor.ts';
import { arrayOf, bytes, int, literal, shape, type Reader } from '../encoding/cbor-shape.ts';
import { fail } from '../errors/result.ts';
import {
  authorityToCbor,
  flawOfChangedSet,
  readAddresses,
  readAuthority,
  readAuthorityName,
} from './authority.ts';
import { MAX_AUTHORITIES, MAX_BITMAP_BYTES, MAX_TIME, MIN_AUTHORITIES } from './limits.ts';
import type {
  AuthorityAddRecord,
  AuthorityRemoveRecord,
  EpochHandoffRecord,
  EquivocationRecord,
  HandoffCosignature,
  Offence,
} from './types.ts';

const HASH_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** The genesis batch is two entries, and a batch that closes an epoch at least two more. */
const MIN_HANDOFF_SIZE = 4;

const epoch = int({ min: 1 });
const hash = bytes({ length: HASH_BYTES });
const bitmap = bytes({ maxLength: MAX_BITMAP_BYTES });

/** Reads an `authority-add` record. */
export const readAuthorityAdd: Reader<AuthorityAddRecord> = shape({
  kind: literal('authority-add'),
  v: literal(1),
  epoch,
  authority: readAuthority,
  addresses: readAddresses,
  approvals: bitmap,
  evidence: hash,
});

/** Reads an `authority-remove` record. */
export const readAuthorityRemove: Reader<AuthorityRemoveRecord> = shape({
  kind: literal('authority-remove'),
  v: literal(1),
  epoch,
  name: readAuthorityName,
  approvals: bitmap,
  evidence: hash,
});

/** Reads the name of an offence. */
export const readOffence: Reader<Offence> = literal(
  'two-notarise',
  'nullify-and-finalise',
  'two-finalise',
  'two-proposals',
  'two-cosignatures',
);

/** Reads an `equivocation` record. */
export const readEquivocation: Reader<EquivocationRecord> = shape({
  kind: literal('equivocation'),
  v: literal(1),
  epoch,
  name: readAuthorityName,
  offence: readOffence,
  evidence: hash,
});

const readCosignature: Reader<HandoffCosignature> = shape({
  authority: int({ min: 0, max: MAX_AUTHORITIES - 1 }),
  time: int({ min: 0, max: MAX_TIME }),
  signature: bytes({ length: SIGNATURE_BYTES }),
});

const readHandoffShape: Reader<EpochHandoffRecord> = shape({
  kind: literal('epoch-handoff'),
  v: literal(1),
  epoch: int({ min: 2 }),
  size: int({ min: MIN_HANDOFF_SIZE }),
  root: hash,
  cosignatures: arrayOf(readCosignature, { min: 1, max: MAX_AUTHORITIES }),
  authorities: arrayOf(readAuthority, { min: MIN_AUTHORITIES, max: MAX_AUTHORITIES }),
});

/** Reads an `epoch-handoff` record whose authorities can make a set and whose cosigners ascend. */
export const readHandoff: Reader<EpochHandoffRecord> = (value, path) => {
  const handoff = readHandoffShape(value, path);
  if (!handoff.ok) return handoff;
  const { authorities, cosignatures } = handoff.value;
  const flaw = flawOfChangedSet(authorities);
  if (flaw !== undefined) return fail('E_HANDOFF', { epoch: handoff.value.epoch, reason: flaw });
  const ascends = cosignatures.every(
    ({ authority }, at) => at === 0 || authority > (cosignatures[at - 1]?.authority ?? authority),
  );
  return ascends
    ? handoff
    : fail('E_HANDOFF', { epoch: handoff.value.epoch, reason: 'its cosigners do not ascend' });
};

/** The CBOR form of an `authority-add` record. */
export function authorityAddToCbor(record: AuthorityAddRecord): CborMap {
  return { ...record, authority: authorityToCbor(record.authority), addresses: [...record.addresses] };
}

/** The CBOR form of an `epoch-handoff` record. */
export function handoffToCbor(record: EpochHandoffRecord): CborMap {
  return {
    ...record,
    cosignatures: record.cosignatures.map((cosignature) => ({ ...cosignature })),
    authorities: record.authorities.map(authorityToCbor),
  };
}
