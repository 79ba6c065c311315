import type { Readable } from 'node:stream';
import { HttpError } from '../../libs/http/problem.ts';

export interface BodyOptions {
  /** bytes that there is room for, to begin with */
  room: number;
  /** the largest body in bytes */
  limit: number;
  /** Called before so many more bytes are held, `total` with them. @throws why there is no room, which ends the reading */
  grow: (bytes: number, total: number) => void;
  /** what a body over the limit is told */
  tooLarge: () => Error;
}

/**
 * Reads a body into one piece of memory that grows with it, twice as large each time: what a client sends in a million
 * chunks holds no more than what it sends in one.
 * @throws what `grow` throws, `tooLarge`, 400 `request-aborted` when the stream breaks off; what comes after that is not kept
 */
export function readBody(stream: Readable, options: BodyOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let memory: Buffer | undefined;
    let length = 0;
    const take = (chunk: Buffer) => {
      try {
        memory = roomFor(chunk.length, { ...options, memory, length });
        chunk.copy(memory, length);
        length += chunk.length;
      } catch (error) {
        fail(error as Error);
      }
    };
    const fail = (error: Error) => {
      stream.off('data', take);
      memory = undefined;
      reject(error);
    };
    stream.on('data', take);
    stream.once('error', (cause) =>
      fail(new HttpError(400, 'request-aborted', 'the body did not come to its end', { cause })),
    );
    stream.once('end', () => resolve(memory?.subarray(0, length) ?? Buffer.alloc(0)));
  });
}

interface Held extends BodyOptions {
  memory: Buffer | undefined;
  length: number;
}

/** The same memory, or a larger one, where so many more bytes have room. */
function roomFor(bytes: number, { room, limit, grow, tooLarge, memory, length }: Held): Buffer {
  const needed = length + bytes;
  if (needed > limit) throw tooLarge();
  const size = memory?.length ?? room;
  if (memory !== undefined && needed <= size) return memory;
  const larger = Math.min(limit, sizeFor(needed, size));
  if (larger > size) grow(larger - size, larger);
  const next = Buffer.allocUnsafeSlow(larger);
  memory?.copy(next, 0, 0, length);
  return next;
}

function sizeFor(needed: number, size: number): number {
  return needed <= size ? size : Math.max(needed, 2 * size);
}
