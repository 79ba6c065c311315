import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompressSync } from 'node:zlib';
import { CodedError } from '../errors/coded-error.ts';
import type { CdrRecord } from '../records/cdr-record.ts';
import { builtInDictionary, dictionaryOf } from './dictionary/built-in.ts';
import { createFramePacker, FRAME_PARAMS, type PackFrame } from './frame-packer.ts';

const compress = promisify(zstdCompress);

/** A document of this size or less gains nothing. */
const SMALLEST = 256;
/** Larger ones are packed by the writer, in the thread pool: 16 MiB would hold up every other post for 50 ms. */
export const LARGEST = 256 * 1024;
/** No document can be larger: bodies end at 16 MiB. */
const MAX_BYTES = 24 * 1024 * 1024;

/** A document as it is stored: `dictionary` is the number of the one it needs. */
export interface PackedDocument {
  compression: 'none' | 'zstd';
  dictionary: number | null;
  body: Buffer;
}

type Format = CdrRecord['format'];
type PackedBody = Pick<CdrRecord, 'body' | 'body_encoding' | 'body_dictionary' | 'body_size' | 'body_sha256'>;

/** Packs a document for its way over the bus and for the store, once, when it comes in: records become a third as large. */
export function packBody(format: Format, bytes: Buffer): PackedBody {
  const shared = { body_size: bytes.length, body_sha256: sha256(bytes).toString('hex') };
  if (bytes.length <= SMALLEST || bytes.length > LARGEST) {
    return { ...shared, body: bytes.toString('base64'), body_encoding: 'base64', body_dictionary: null };
  }
  const { pack, dictionary } = packerOf(format);
  return {
    ...shared,
    body: pack(bytes).toString('base64'),
    body_encoding: 'zstd',
    body_dictionary: dictionary,
  };
}

interface FormatPacker {
  pack: PackFrame;
  dictionary: number | null;
}

const packers = new Map<Format, FormatPacker>();

/** Compressors are kept for the life of the process. */
function packerOf(format: Format): FormatPacker {
  const known = packers.get(format);
  if (known !== undefined) return known;
  const dictionary = dictionaryOf(format);
  const pack = createFramePacker({ dictionary: dictionary?.bytes, largest: LARGEST });
  const packer = { pack, dictionary: dictionary?.id ?? null };
  packers.set(format, packer);
  return packer;
}

/** A record's document as it is stored: mostly the very bytes of the record. */
export async function packedDocumentOf(record: CdrRecord): Promise<PackedDocument> {
  const body = Buffer.from(record.body, 'base64');
  if (record.body_encoding === 'zstd')
    return { compression: 'zstd', dictionary: record.body_dictionary, body };
  if (body.length <= SMALLEST) return { compression: 'none', dictionary: null, body };
  return { compression: 'zstd', dictionary: null, body: await compress(body, { params: FRAME_PARAMS }) };
}

/** A record's document, byte for byte. @throws CodedError as `unpackDocument` */
export function documentOf(record: CdrRecord): Buffer {
  const body = Buffer.from(record.body, 'base64');
  const compression = record.body_encoding === 'zstd' ? 'zstd' : 'none';
  return unpackDocument({ compression, dictionary: record.body_dictionary, body });
}

/**
 * A stored document, byte for byte. `dictionary` is asked for one that does not come with switchfleet.
 * @throws CodedError `dictionary-missing`, `document-damaged`
 */
export function unpackDocument(
  { compression, dictionary, body }: PackedDocument,
  dictionaryOf: (id: number) => Buffer | undefined = builtInDictionary,
): Buffer {
  if (compression === 'none') return body;
  const bytes = dictionary === null ? undefined : dictionaryOf(dictionary);
  if (dictionary !== null && bytes === undefined) {
    throw new CodedError(
      'dictionary-missing',
      `the document needs dictionary ${dictionary}, which is not there`,
    );
  }
  try {
    return zstdDecompressSync(body, { maxOutputLength: MAX_BYTES, ...(bytes && { dictionary: bytes }) });
  } catch (cause) {
    throw new CodedError('document-damaged', 'a stored document cannot be unpacked', { cause });
  }
}

/** What tells two bodies of one leg apart. */
export function sha256(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer');
}
