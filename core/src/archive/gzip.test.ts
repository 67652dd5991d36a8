import { gunzipContract } from './gzip.contract.ts';

gunzipContract('Node');
