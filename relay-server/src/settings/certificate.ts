import { join } from 'node:path';
import { int, shape, text } from '@assay/core/encoding/cbor-shape.ts';
import { keepJson, readKeptJson } from './kept-json.ts';
import { createCertificate, type TransportCertificate } from './self-signed-certificate.ts';

const FILE = 'webrtc-certificate.json';
const DAY_SECONDS = 24 * 60 * 60;
const LIFETIME_SECONDS = 365 * DAY_SECONDS;
/** Less than this left at a start makes a new one. Peers compare only the hash, so a relay that runs on is not cut off. */
const RENEW_SECONDS = 60 * DAY_SECONDS;

const pem = text({ maxBytes: 8192, pattern: /^-----BEGIN / });
const readCertificate = shape({
  privateKey: pem,
  pem,
  certhash: text({ maxBytes: 128 }),
  /** Unix seconds. */
  validTo: int({ min: 0 }),
});

/** The certificate of the WebRTC-direct listener. It is kept, because its hash stands in the addresses that others remember. */
export async function loadCertificate(dataDir: string, now: number): Promise<TransportCertificate> {
  const file = join(dataDir, FILE);
  const kept = await readKeptJson(file, readCertificate);
  if (kept !== undefined && kept.validTo - now > RENEW_SECONDS) {
    return { privateKey: kept.privateKey, pem: kept.pem, certhash: kept.certhash };
  }
  const validTo = now + LIFETIME_SECONDS;
  const certificate = createCertificate(new Date((now - DAY_SECONDS) * 1000), new Date(validTo * 1000));
  await keepJson(file, { ...certificate, validTo }, { secret: true });
  return certificate;
}
