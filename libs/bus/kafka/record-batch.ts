import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { crc32c } from './crc32c.ts';

const compress = promisify(gzip);

/** One record as kafkajs is given it. */
export interface BatchMessage {
  key?: Buffer | string | null;
  value: Buffer | string | null;
}

/** Records of one partition, and the producer they come from. */
export interface RecordBatch {
  messages: readonly BatchMessage[];
  producerId: bigint;
  producerEpoch: number;
  firstSequence: number;
  compression: 'none' | 'gzip';
  /** milliseconds since 1970: the time of all of them */
  nowMs: number;
}

/** From the beginning to the records, and where its parts stand. */
const HEAD_BYTES = 61;
const LENGTH_AT = 8;
const LEADER_EPOCH_AT = 12;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_AT = 23;
const FIRST_TIME_AT = 27;
const LAST_TIME_AT = 35;
const PRODUCER_ID_AT = 43;
const PRODUCER_EPOCH_AT = 51;
const SEQUENCE_AT = 53;
const COUNT_AT = 57;

const MAGIC = 2;
const GZIP = 1;
/** None that is used, and no time after the batch's own. */
const ATTRIBUTES = Buffer.from([0, 0]);
const NO_HEADERS = Buffer.from([0]);
/** Of a record beside key and value: these, and four numbers of up to five bytes. */
const MARGIN = 24;

/**
 * A record batch of Kafka's format 2 (KIP-98), written once into room of the right size. Records have no headers: we
 * use none.
 */
export async function encodeBatch(batch: RecordBatch): Promise<Buffer> {
  const { messages, compression } = batch;
  const plain = writeRecords(messages);
  const encoded = compression === 'none' ? plain : await compressed(plain);
  encoded.writeInt32BE(encoded.length - LEADER_EPOCH_AT, LENGTH_AT);
  encoded[MAGIC_AT] = MAGIC;
  encoded.writeInt16BE(compression === 'none' ? 0 : GZIP, ATTRIBUTES_AT);
  encoded.writeInt32BE(messages.length - 1, LAST_OFFSET_AT);
  encoded.writeBigInt64BE(BigInt(batch.nowMs), FIRST_TIME_AT);
  encoded.writeBigInt64BE(BigInt(batch.nowMs), LAST_TIME_AT);
  encoded.writeBigInt64BE(batch.producerId, PRODUCER_ID_AT);
  encoded.writeInt16BE(batch.producerEpoch, PRODUCER_EPOCH_AT);
  encoded.writeInt32BE(batch.firstSequence, SEQUENCE_AT);
  encoded.writeInt32BE(messages.length, COUNT_AT);
  encoded.writeUInt32BE(crc32c(encoded.subarray(ATTRIBUTES_AT)), CRC_AT);
  return encoded;
}

async function compressed(plain: Buffer): Promise<Buffer> {
  return Buffer.concat([plain.subarray(0, HEAD_BYTES), await compress(plain.subarray(HEAD_BYTES))]);
}

/** The records, behind an empty head. */
function writeRecords(messages: readonly BatchMessage[]): Buffer {
  const room = messages.reduce(
    (sum, { key, value }) => sum + sizeOf(key) + sizeOf(value) + MARGIN,
    HEAD_BYTES,
  );
  const target = Buffer.allocUnsafe(room).fill(0, 0, HEAD_BYTES);
  let end = HEAD_BYTES;
  for (const [offset, { key, value }] of messages.entries()) {
    const length =
      ATTRIBUTES.length + varintSize(offset) + bytesSize(key) + bytesSize(value) + NO_HEADERS.length;
    end = writeVarint(target, end, length);
    end += ATTRIBUTES.copy(target, end);
    end = writeVarint(target, end, offset);
    end = writeBytes(target, end, key);
    end = writeBytes(target, end, value);
    end += NO_HEADERS.copy(target, end);
  }
  return target.subarray(0, end);
}

function sizeOf(bytes: Buffer | string | null | undefined): number {
  return bytes === null || bytes === undefined ? 0 : Buffer.byteLength(bytes);
}

function bytesSize(bytes: Buffer | string | null | undefined): number {
  if (bytes === null || bytes === undefined) return varintSize(-1);
  const size = sizeOf(bytes);
  return varintSize(size) + size;
}

function writeBytes(target: Buffer, at: number, bytes: Buffer | string | null | undefined): number {
  if (bytes === null || bytes === undefined) return writeVarint(target, at, -1);
  const size = sizeOf(bytes);
  const from = writeVarint(target, at, size);
  if (typeof bytes === 'string') target.write(bytes, from, 'utf8');
  else bytes.copy(target, from);
  return from + size;
}

/** Zigzag: small numbers of either sign are short. */
function varintSize(value: number): number {
  let left = ((value << 1) ^ (value >> 31)) >>> 0;
  let size = 1;
  for (; left > 0x7f; left >>>= 7) size += 1;
  return size;
}

function writeVarint(target: Buffer, from: number, value: number): number {
  let left = ((value << 1) ^ (value >> 31)) >>> 0;
  let at = from;
  for (; left > 0x7f; left >>>= 7) {
    target[at] = (left & 0x7f) | 0x80;
    at += 1;
  }
  target[at] = left;
  return at + 1;
}
