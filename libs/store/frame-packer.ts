import { constants, createZstdCompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Packs a document into a zstd frame of its own. */
export type PackFrame = (document: Buffer) => Buffer;

/**
 * A window that holds dictionary and document: larger tables cost time and gain nothing. Measured on recorded CDRs with
 * one compressor for all: levels 1 to 4 take the same time, 3 gives the smallest of these, 5 takes three times as long.
 */
export const FRAME_PARAMS = {
  [constants.ZSTD_c_compressionLevel]: 3,
  [constants.ZSTD_c_windowLog]: 16,
};
/** What zstd may need beyond the document when nothing can be saved (ZSTD_compressBound, rounded up). */
const MARGIN = 1024;
const PROBE = Buffer.from('<cdr>a document, packed twice, must come back twice</cdr>');

/**
 * Makes a packer for documents of up to `largest` bytes. zlib's own functions make a compressor for each document, and
 * zstd reads the dictionary again for each: three quarters of the time for a CDR. This one keeps a compressor, through
 * the handle behind Node's stream. That is not public, so it is tried out first, and wherever it is not as it was or
 * fails, `zstdCompressSync` packs instead: the frames are as good.
 */
export function createFramePacker({
  dictionary,
  largest,
}: {
  dictionary: Buffer | undefined;
  largest: number;
}): PackFrame {
  const plainly: PackFrame = (document) =>
    zstdCompressSync(document, { params: FRAME_PARAMS, ...(dictionary && { dictionary }) });
  let quickly = openCompressor(dictionary, largest + (largest >> 7) + MARGIN);
  if (quickly !== undefined && !isTrue(quickly, dictionary)) quickly = undefined;
  return (document) => {
    const frame = document.length <= largest ? quickly?.(document) : undefined;
    if (frame === undefined && document.length <= largest) quickly = undefined;
    return frame ?? plainly(document);
  };
}

interface Handle {
  writeSync(
    flush: number,
    input: Buffer,
    inputOffset: number,
    inputLength: number,
    output: Buffer,
    outputOffset: number,
    outputLength: number,
  ): void;
}

/** Gives undefined for a document that was not packed: the compressor cannot be trusted any more. */
type Compressor = (document: Buffer) => Buffer | undefined;

function openCompressor(dictionary: Buffer | undefined, capacity: number): Compressor | undefined {
  const stream = createZstdCompress({ params: FRAME_PARAMS, ...(dictionary && { dictionary }) });
  const { _handle: handle, _writeState: state } = stream as unknown as Record<string, unknown>;
  if (!isHandle(handle) || !(state instanceof Uint32Array)) return undefined;
  // zlib destroys the stream of a compressor that fails, and tells it: that is seen below.
  stream.on('error', () => undefined);
  const output = Buffer.allocUnsafeSlow(capacity);
  return (document) => {
    handle.writeSync(constants.ZSTD_e_end, document, 0, document.length, output, 0, capacity);
    const [room = 0, unread = 0] = state;
    // Without any room left there may be more to come, and a compressor in the middle of a frame is of no use.
    if (stream.destroyed || unread > 0 || room === 0) return undefined;
    return Buffer.from(output.subarray(0, capacity - room));
  };
}

function isHandle(handle: unknown): handle is Handle {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    'writeSync' in handle &&
    typeof handle.writeSync === 'function'
  );
}

function isTrue(pack: Compressor, dictionary: Buffer | undefined): boolean {
  try {
    return [1, 2].every(() => {
      const frame = pack(PROBE);
      return (
        frame !== undefined && zstdDecompressSync(frame, { ...(dictionary && { dictionary }) }).equals(PROBE)
      );
    });
  } catch {
    return false;
  }
}
