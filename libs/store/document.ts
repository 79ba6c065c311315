import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** A document of this size or less gains nothing. */
const SMALLEST = 256;
const LEVEL = 3;

export interface CompressedBody {
  compression: 'none' | 'zstd';
  dictionary: number | null;
  body: Buffer;
}

/** Packs one document for `cdr_documents`; runs in the thread pool. */
export async function compressBody(bytes: Buffer): Promise<CompressedBody> {
  if (bytes.length <= SMALLEST) return { compression: 'none', dictionary: null, body: bytes };
  const body = await compress(bytes, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } });
  return { compression: 'zstd', dictionary: null, body };
}

/** The document, byte for byte. */
export async function decompressBody({ compression, body }: CompressedBody): Promise<Buffer> {
  return compression === 'none' ? body : decompress(body);
}

/** What tells two bodies of one leg apart. */
export function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
