// Run as a program of its own: commits one vote after the other and says so after each, until it is killed.
import { writeSync } from 'node:fs';
import { SqliteStore } from '../sqlite-store.ts';
import { Solo } from './solo.ts';

const [path = ''] = process.argv.slice(2);
const store = new SqliteStore(path, 'authority 0');
const one = new Solo();
for (let view = 1; ; view++) {
  store.commit([{ kind: 'vote', vote: one.vote(0, 'nullify', view) }]);
  writeSync(1, `${view}\n`);
}
