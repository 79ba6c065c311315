import type { Item } from '../resource/resource.ts';
import { type ImportRow, isMisread, MAX_ROW_BYTES, NO_UTF8 } from './import-row.ts';

const NEWLINE = 10;

/** The rows of a file with one JSON object a line, one after the other. */
export async function* readNdjsonRows(
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<ImportRow> {
  let line = 0;
  for await (const bytes of linesOf(pieces)) {
    line += 1;
    const text = bytes?.toString('utf8').trim();
    if (text !== '') yield { line, read: text === undefined ? TOO_LONG : readObject(text) };
  }
}

const TOO_LONG = [{ field: '', reason: `is longer than ${MAX_ROW_BYTES} bytes` }];
const MISREAD = [{ field: '', reason: NO_UTF8 }];
const NO_OBJECT = [{ field: '', reason: 'is no JSON object' }];

/** Lines without their ends; undefined: one that is too long, of which no more is held than its beginning. */
async function* linesOf(
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
): AsyncGenerator<Buffer | undefined> {
  let held: Buffer[] = [];
  let size = 0;
  const take = (bytes: Buffer) => {
    size += bytes.length;
    if (size <= MAX_ROW_BYTES) held.push(bytes);
  };
  const end = () => {
    const line = size <= MAX_ROW_BYTES ? Buffer.concat(held) : undefined;
    held = [];
    size = 0;
    return line;
  };
  for await (const piece of pieces) {
    let start = 0;
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, start)) {
      take(piece.subarray(start, at));
      yield end();
      start = at + 1;
    }
    take(piece.subarray(start));
  }
  if (size > 0) yield end();
}

function readObject(text: string): ImportRow['read'] {
  if (isMisread(text)) return MISREAD;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Item;
    return NO_OBJECT;
  } catch {
    return NO_OBJECT;
  }
}
