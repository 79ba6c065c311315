import { isUtf8 } from 'node:buffer';

const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

/**
 * Decodes a form value: `%XX` to bytes; a stray `%` stays (FreeSWITCH's encoder leaves some alone, and a cut body ends in one).
 * FreeSWITCH never writes a bare `+` here, other clients mean a space by it.
 */
export function decodeForm(encoded: Buffer): Buffer {
  return decodeBytes(encoded, SPACE);
}

/** Decodes the value of a channel variable, which FreeSWITCH percent-encodes once; never throws. */
export function decodeVariable(encoded: string): string {
  if (!encoded.includes('%')) return encoded;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return textOf(decodeBytes(Buffer.from(encoded, 'utf8'), PLUS));
  }
}

/** Bytes that are no UTF-8 are nearly always a phone's Latin-1. */
function textOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

function decodeBytes(encoded: Buffer, plus: number): Buffer {
  const decoded = Buffer.allocUnsafe(encoded.length);
  let length = 0;
  for (let i = 0; i < encoded.length; i += 1) {
    let byte = encoded[i] ?? 0;
    if (byte === PLUS) byte = plus;
    else if (byte === PERCENT) {
      const high = hexDigit(encoded[i + 1]);
      const low = hexDigit(encoded[i + 2]);
      if (high >= 0 && low >= 0) {
        byte = high * 16 + low;
        i += 2;
      }
    }
    decoded[length] = byte;
    length += 1;
  }
  return decoded.subarray(0, length);
}

function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x61 + 10 : -1;
}
