import 'fake-indexeddb/auto';
import { idbContracts } from './idb-contracts.fixture.ts';

idbContracts();
