import { isAscii, isUtf8 } from 'node:buffer';

const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;

/**
 * Decodes a form value: `%XX` to bytes; a stray `%` stays (FreeSWITCH's encoder leaves some alone, and a cut body ends in one).
 * FreeSWITCH never writes a bare `+` here, other clients mean a space by it. The value is in `room` where it fits.
 */
export function decodeForm(encoded: Buffer, room?: Buffer): Buffer {
  return decodeNatively(encoded, room) ?? decodeBytes(encoded, SPACE, room);
}

/** V8's own decoder is a quarter faster, and takes what is ASCII, without a `+` and well-formed: all that FreeSWITCH posts. */
function decodeNatively(encoded: Buffer, room: Buffer | undefined): Buffer | undefined {
  if (!isAscii(encoded) || encoded.includes(PLUS)) return undefined;
  const text = tryDecode(encoded.toString('latin1'));
  if (text === undefined || room === undefined || room.length < encoded.length)
    return text === undefined ? undefined : Buffer.from(text);
  return room.subarray(0, room.write(text));
}

function tryDecode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Decodes the value of a channel variable, which FreeSWITCH percent-encodes once; never throws. */
export function decodeVariable(encoded: string): string {
  if (!encoded.includes('%')) return encoded;
  return tryDecode(encoded) ?? textOf(decodeBytes(Buffer.from(encoded, 'utf8'), PLUS));
}

/** Bytes that are no UTF-8 are nearly always a phone's Latin-1. */
function textOf(bytes: Buffer): string {
  return bytes.toString(isUtf8(bytes) ? 'utf8' : 'latin1');
}

function decodeBytes(encoded: Buffer, plus: number, room?: Buffer): Buffer {
  const fits = room !== undefined && room.length >= encoded.length;
  const decoded = fits ? room : Buffer.allocUnsafe(encoded.length);
  let length = 0;
  for (let i = 0; i < encoded.length; i += 1) {
    let byte = encoded[i] as number;
    if (byte === PERCENT && i + 2 < encoded.length) {
      // -1 shifted or not stays negative
      const value =
        ((DIGITS[encoded[i + 1] as number] as number) << 4) | (DIGITS[encoded[i + 2] as number] as number);
      if (value >= 0) {
        byte = value;
        i += 2;
      }
    } else if (byte === PLUS) byte = plus;
    decoded[length] = byte;
    length += 1;
  }
  return decoded.subarray(0, length);
}

/** The value of each byte as a hexadecimal digit, -1 for all others: looked up for each byte of a body. */
const DIGITS = Int8Array.from({ length: 256 }, (_, byte) => {
  const digit = Number.parseInt(String.fromCharCode(byte), 16);
  return Number.isNaN(digit) ? -1 : digit;
});
