import { describe, expect, it } from 'vitest';
import { routeOf } from './routes.ts';

const origin = 'http://127.0.0.1:7473';
const files = new Set(['/index.html', '/icon.svg', '/assets/app-1a2b.js']);

/** Method, how the request came about (`go`: a navigation, `get`: anything else), address, and who answers. */
const table = `
GET    go   /                                     page
GET    go   /index.html                           file
GET    go   /search?q=x                           page
GET    go   /p/npm/@noble/hashes@2.0.0            page
GET    go   /log/checkpoint                       page
GET    go   /checkpoints                          page
GET    go   /?sw=on                               page
GET    go   /?sw=off                              untouched
GET    go   /npm/clsx@2.1.1?sw=off                untouched
GET    get  /assets/app-1a2b.js                   file
GET    get  /assets/app-1a2b.js?sw=off            file
GET    get  /icon.svg                             file
GET    go   /icon.svg                             file
HEAD   get  /icon.svg                             untouched
GET    get  /assets/app-gone.js                   untouched
GET    go   /assets/app-gone.js                   untouched
GET    get  /                                     untouched
GET    get  /p/npm/clsx                           untouched
GET    get  /sw.js                                untouched
GET    go   /sw.js                                untouched
GET    get  /checkpoint                           untouched
GET    go   /checkpoint                           untouched
GET    go   /tile/0/000                           untouched
GET    go   /tile/entries/000.p/5                 untouched
GET    get  /pack/ABCD                            untouched
GET    go   /uri-res/N2R?urn:blake2b:ABCD         untouched
GET    go   /evidence/ab12                        untouched
GET    go   /network.json                         untouched
GET    go   /status.json                          untouched
GET    go   /events                               untouched
GET    go   /requests/1                           untouched
POST   get  /requests                             untouched
POST   go   /                                     untouched
GET    get  /npm/clsx@2.1.1/dist/clsx.mjs         registry
GET    go   /npm/clsx@2.1.1/readme.md             registry
HEAD   get  /npm/clsx@2.1.1/readme.md             registry
GET    get  /npm                                  registry
GET    get  /npmx                                 untouched
GET    get  /registry/npm/clsx                    registry
PUT    get  /registry/npm/clsx                    registry
POST   get  /registry/npm/-/npm/v1/security/advisories/bulk  registry
GET    get  /registry/oci/x                       registry
GET    get  http://127.0.0.1:7474/npm/clsx        untouched
GET    go   https://elsewhere.example/            untouched
`;

const rows = table
  .trim()
  .split('\n')
  .map((line) => line.split(/\s+/) as [method: string, mode: string, address: string, route: string]);

describe('routeOf', () => {
  it.each(rows)('%s %s %s: %s', (method, mode, address, route) => {
    const { href: url } = new URL(address, origin);
    const request = { method, url, mode: mode === 'go' ? 'navigate' : 'cors' } as const;
    expect(routeOf(request, origin, files)).toBe(route);
  });
});
