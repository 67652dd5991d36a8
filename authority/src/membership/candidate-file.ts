import { formatCandidateFile } from '@assay/core/records/candidate.ts';
import { loadConfig } from '../config.ts';
import { loadKeys } from '../keys.ts';
import { loadGenesis } from '../load-genesis.ts';
import { announcedAddresses, ownCandidate } from './own-candidate.ts';

/** What the operator of the authority in a folder gives to those of the network it is to join. Throws `E_AUTHORITY_CONFIG`. */
export async function candidateFileOf(dataDir: string): Promise<string> {
  const config = await loadConfig(dataDir);
  const keys = await loadKeys(dataDir);
  const { networkId } = await loadGenesis(config.genesis);
  return formatCandidateFile(ownCandidate(keys, announcedAddresses(config), networkId));
}
