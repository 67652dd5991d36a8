import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { concatBytes, utf8 } from '@assay/core/encoding/bytes.ts';

/** A certificate as `@libp2p/webrtc` takes it. */
export interface TransportCertificate {
  /** PKCS #8, PEM. */
  readonly privateKey: string;
  /** X.509, PEM. */
  readonly pem: string;
  /** Multibase base64url of the SHA-256 multihash of the DER form; stands in WebRTC-direct addresses. */
  readonly certhash: string;
}

/** DER tags (ITU-T X.690). */
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const SEQUENCE = 0x30;
const SET = 0x31;
const VERSION_TAG = 0xa0;
/** Object identifiers with their tag and length: ecdsa-with-SHA256 (RFC 5758) and commonName (RFC 4519). */
const ECDSA_WITH_SHA256 = Uint8Array.of(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02);
const COMMON_NAME = Uint8Array.of(0x06, 0x03, 0x55, 0x04, 0x03);

/**
 * A self-signed P-256 certificate (RFC 5280) for DTLS. Nobody reads its names: peers compare its hash with the one in
 * the relay's address.
 */
export function createCertificate(validFrom: Date, validTo: Date): TransportCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, utf8('assay relay')))));
  const algorithm = der(SEQUENCE, ECDSA_WITH_SHA256);
  const serial = Uint8Array.of(0x01, ...randomBytes(8));
  const body = der(
    SEQUENCE,
    der(VERSION_TAG, der(INTEGER, Uint8Array.of(2))),
    der(INTEGER, serial),
    algorithm,
    name,
    der(SEQUENCE, utcTime(validFrom), utcTime(validTo)),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
  );
  const signature = sign('sha256', body, privateKey);
  const certificate = der(SEQUENCE, body, algorithm, der(BIT_STRING, Uint8Array.of(0), signature));
  const digest = createHash('sha256').update(certificate).digest();
  return {
    privateKey: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    pem: toPem('CERTIFICATE', certificate),
    certhash: `u${Buffer.concat([Uint8Array.of(SHA2_256, digest.length), digest]).toString('base64url')}`,
  };
}

/** Code of SHA-256 among multihashes. */
const SHA2_256 = 0x12;

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...parts);
  const length =
    content.length < 0x80
      ? [content.length]
      : content.length < 0x100
        ? [0x81, content.length]
        : [0x82, content.length >>> 8, content.length & 0xff];
  return concatBytes(Uint8Array.of(tag, ...length), content);
}

/** `YYMMDDHHMMSSZ`, for years before 2050 (RFC 5280 §4.1.2.5.1). */
function utcTime(time: Date): Uint8Array {
  return der(UTC_TIME, utf8(`${time.toISOString().slice(2, 19).replaceAll(/[-:T]/g, '')}Z`));
}

function toPem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
