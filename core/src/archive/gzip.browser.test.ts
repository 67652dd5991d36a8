import { gunzipContract } from './gzip.contract.ts';

gunzipContract('a browser');
