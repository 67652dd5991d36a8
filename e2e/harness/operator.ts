import { request } from 'node:http';
import { join } from 'node:path';

/** What an authority tells its operator, as far as tests read it. */
export interface OperatorStatus {
  readonly name: string;
  readonly role: 'member' | 'candidate' | 'removed';
  readonly epoch: number;
  readonly members: readonly {
    readonly name: string;
    readonly reachable: boolean;
    readonly behind?: number;
  }[];
  readonly consensus: {
    readonly height: number;
    readonly finalized: number;
    readonly halted?: { readonly reason: string };
  };
  readonly keys: readonly { readonly voteKey: string; readonly epoch?: number; readonly inForce: boolean }[];
  readonly candidates: readonly { readonly name: string; readonly synced: boolean }[];
  readonly changes: readonly { readonly approvedBy: readonly string[] }[];
  readonly notices: readonly string[];
}

/** Asks the authority in a folder over its admin socket, as `assay authority` does. Rejects when it refuses or does not run. */
export function operate<T>(folder: string, method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  return new Promise((resolve, reject) => {
    const asking = request(
      { socketPath: join(folder, 'admin.sock'), method, path, timeout: 10_000 },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
        response.on('end', () => {
          if (response.statusCode === 200) resolve(JSON.parse(text) as T);
          else reject(new Error(`${method} ${path} in ${folder}: ${text}`));
        });
        response.on('error', reject);
      },
    );
    asking.on('timeout', () => asking.destroy(new Error('no answer')));
    asking.on('error', reject);
    asking.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** What `assay authority status` shows of the authority in a folder. */
export function operatorStatus(folder: string): Promise<OperatorStatus> {
  return operate(folder, 'GET', '/status');
}
