import { describe, expect, it } from 'vitest';
import { missingCapabilities } from './capabilities.ts';

/** A browser that has everything but what is named. */
function browserWithout(...names: readonly string[]): Window & typeof globalThis {
  const all = {
    isSecureContext: true,
    crypto: { subtle: {} },
    indexedDB: {},
    Worker: {},
    DecompressionStream: {},
    RTCPeerConnection: {},
  };
  const view = Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));
  const navigator = names.includes('locks') ? { storage: {} } : { locks: {}, storage: {} };
  return { ...view, navigator } as unknown as Window & typeof globalThis;
}

const missing = (view: Window & typeof globalThis): string[] =>
  missingCapabilities(view).map(({ name }) => name);

describe('missingCapabilities', () => {
  it('finds none in a browser that has all that is required', () => {
    expect(missing(browserWithout())).toEqual([]);
  });

  it.each([
    ['crypto', 'WebCrypto'],
    ['indexedDB', 'IndexedDB'],
    ['isSecureContext', 'Secure context'],
    ['locks', 'Web Locks'],
    ['DecompressionStream', 'DecompressionStream'],
  ])('names what is gone with %s', (name, capability) => {
    expect(missing(browserWithout(name))).toEqual([capability]);
  });

  it('does without WebRTC and the service worker', () => {
    expect(missing(browserWithout('RTCPeerConnection'))).toEqual([]);
  });
});
