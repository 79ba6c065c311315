import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Length prefix, nonce and tag before each frame's ciphertext. */
const LENGTH_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const OVERHEAD = NONCE_BYTES + TAG_BYTES;
/** Larger than any frame we write: a longer one is damage. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** Encrypts one frame; its place in the file is authenticated, so frames can't be moved, doubled or left out. */
export function sealFrame(key: Buffer, index: number, value: unknown): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(String(index)));
  const encrypted = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(OVERHEAD + encrypted.length);
  return Buffer.concat([length, nonce, cipher.getAuthTag(), encrypted]);
}

function openFrame(key: Buffer, index: number, bytes: Buffer): unknown {
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(String(index))).setAuthTag(bytes.subarray(NONCE_BYTES, OVERHEAD));
  return JSON.parse(decipher.update(bytes.subarray(OVERHEAD), undefined, 'utf8') + decipher.final('utf8'));
}

/** The values of a file of frames, in order. @throws Error when a frame is damaged, foreign or cut off */
export async function* openFrames(key: Buffer, chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown> {
  let pending: Buffer = Buffer.alloc(0);
  let index = 0;
  for await (const chunk of chunks) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let end = frameEnd(pending);
    while (end !== undefined && end <= pending.length) {
      yield openFrame(key, index, pending.subarray(LENGTH_BYTES, end));
      index += 1;
      pending = pending.subarray(end);
      end = frameEnd(pending);
    }
  }
  if (pending.length > 0) throw new Error('the last frame is cut off');
}

function frameEnd(bytes: Buffer): number | undefined {
  if (bytes.length < LENGTH_BYTES) return undefined;
  const length = bytes.readUInt32BE(0);
  if (length < OVERHEAD || length > MAX_FRAME_BYTES) throw new Error(`a frame of ${length} bytes`);
  return LENGTH_BYTES + length;
}
