import { existsSync, readFileSync } from 'node:fs';

const HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
/** First word of a write-ahead log; the last bit says how checksums read their words. */
const MAGIC = 0x377f0682;

interface Frame {
  /** Whether it belongs to this log and not to one that the file held before. */
  readonly isCurrent: boolean;
  /** Whether the chain of checksums holds up to here. */
  readonly isSound: boolean;
  /** Whether it ends a transaction. */
  readonly isCommit: boolean;
}

/**
 * Whether the middle of a write-ahead log is damaged. SQLite reads such a file up to the first bad frame and takes the rest for
 * the tail of a write that a crash cut short. With synchronous=FULL only the last transaction can be that: a bad frame with a
 * whole transaction and more behind it was durable once, and votes in it are forgotten.
 */
export function isWalDamaged(path: string): boolean {
  if (!existsSync(path)) return false;
  const frames = readFrames(readFileSync(path));
  const firstBad = frames.findIndex((frame) => !frame.isSound);
  if (firstBad < 0) return false;
  const firstCommit = frames.findIndex((frame, at) => at >= firstBad && frame.isCurrent && frame.isCommit);
  return firstCommit >= 0 && frames.some((frame, at) => at > firstCommit && frame.isCurrent);
}

function readFrames(file: Buffer): Frame[] {
  if (file.length < HEADER_BYTES) return [];
  const magic = file.readUInt32BE(0);
  const pageSize = file.readUInt32BE(8);
  if (magic >>> 1 !== MAGIC >>> 1 || pageSize < 512) return [];
  const isBigEndian = magic % 2 === 1;
  const salts = file.subarray(16, 24);
  const frames: Frame[] = [];
  let sum = checksum(file.subarray(0, 24), [0, 0], isBigEndian);
  let isSound = sum[0] === file.readUInt32BE(24) && sum[1] === file.readUInt32BE(28);
  const frameBytes = FRAME_HEADER_BYTES + pageSize;
  for (let at = HEADER_BYTES; at + frameBytes <= file.length; at += frameBytes) {
    const frame = file.subarray(at, at + frameBytes);
    sum = checksum(frame.subarray(0, 8), sum, isBigEndian);
    sum = checksum(frame.subarray(FRAME_HEADER_BYTES), sum, isBigEndian);
    const isCurrent = salts.equals(frame.subarray(8, 16));
    isSound &&= isCurrent && sum[0] === frame.readUInt32BE(16) && sum[1] === frame.readUInt32BE(20);
    frames.push({ isCurrent, isSound, isCommit: frame.readUInt32BE(4) !== 0 });
  }
  return frames;
}

/** The running checksum of SQLite's file format, section 4.2. */
function checksum(bytes: Buffer, start: readonly [number, number], isBigEndian: boolean): [number, number] {
  let [first, second] = start;
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const one = isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    const other = isBigEndian ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4);
    first = (first + one + second) >>> 0;
    second = (second + other + first) >>> 0;
  }
  return [first, second];
}
