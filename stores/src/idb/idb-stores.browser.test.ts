import { idbContracts } from './idb-contracts.fixture.ts';

idbContracts();
