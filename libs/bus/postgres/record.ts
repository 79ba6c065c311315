import { CodedError, messageOf } from '../../errors/coded-error.ts';
import { byteLengthOf } from '../../postgres/binary-array.ts';
import type { BusRecord } from '../bus.ts';
import { JsonBytes } from '../json-bytes.ts';
import { PARTITIONS, RECORD_BYTES } from './limits.ts';

/** A record as it is stored. */
export interface EncodedRecord {
  key: string;
  /** the value as JSON, in UTF-8 where it came so: bytes are no work for the garbage collector */
  text: string | Buffer;
  partition: number;
  /** of key and value */
  bytes: number;
}

/**
 * Encodes a record.
 * @throws CodedError `record-too-large`, `record-unwritable` (not JSON)
 */
export function encodeRecord({ key, value }: BusRecord): EncodedRecord {
  const text = textOf(value);
  // PostgreSQL's text holds neither NUL nor half a surrogate pair; a key only needs to stay the same for the same record.
  const name = key.replaceAll('\0', '\uFFFD').toWellFormed();
  const bytes = byteLengthOf(text) + Buffer.byteLength(name);
  if (bytes > RECORD_BYTES) {
    throw new CodedError(
      'record-too-large',
      `a record of ${bytes} bytes is over the limit of ${RECORD_BYTES}`,
      {
        details: { key: name.slice(0, 100), bytes },
      },
    );
  }
  return { key: name, text, partition: partitionOf(name), bytes };
}

/** FNV-1a of the key: which of the 16 partitions holds it. Never change it: stored records stay where they are. */
export function partitionOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) {
    hash ^= key.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash ^ (hash >>> 16)) & (PARTITIONS - 1);
}

function textOf(value: unknown): string | Buffer {
  try {
    return value instanceof JsonBytes ? value.bytes : (JSON.stringify(value) ?? 'null');
  } catch (cause) {
    throw new CodedError('record-unwritable', `a record cannot be written as JSON: ${messageOf(cause)}`);
  }
}
