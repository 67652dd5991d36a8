import type { LogStore } from '@assay/core/log/log-store.ts';
import { TiledLog } from '@assay/core/log/tiled-log.ts';
import { decodeRecord } from '@assay/core/records/codec.ts';
import { MAX_CHANGES } from '@assay/core/records/limits.ts';
import type { NetworkTrust } from '@assay/core/records/types.ts';
import type { AddressBook } from './membership/peers.ts';

/**
 * Where the authorities that joined later said they can be reached: out of the records that close each epoch, right before the
 * size at which the next one begins. `size` is how much of the log is in the store; what is beyond it is left out.
 */
export async function addressesInLog(
  store: LogStore,
  size: number,
  trust: NetworkTrust,
): Promise<AddressBook> {
  const addresses = new Map<string, readonly string[]>();
  const ends = trust.sets.map(({ since }) => since).filter((since) => since > 0 && since <= size);
  if (ends.length === 0) return addresses;
  const log = await TiledLog.open(store, size);
  if (!log.ok) return addresses;
  for (const end of ends) {
    for await (const { bytes } of log.value.entries(Math.max(0, end - 1 - MAX_CHANGES), end)) {
      const record = decodeRecord(bytes);
      if (!record.ok || record.value.kind !== 'authority-add') continue;
      addresses.set(record.value.authority.name, record.value.addresses);
    }
  }
  return addresses;
}
