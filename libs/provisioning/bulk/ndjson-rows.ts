import type { Item } from '../resource/resource.ts';
import type { ImportRow } from './import-row.ts';

/** The rows of a file with one JSON object a line, one after the other. */
export function* readNdjsonRows(file: Buffer): Generator<ImportRow> {
  let start = 0;
  for (let line = 1; start < file.length; line += 1) {
    const newline = file.indexOf(10, start);
    const end = newline < 0 ? file.length : newline;
    const text = file.toString('utf8', start, end).trim();
    start = end + 1;
    if (text !== '') yield { line, read: readObject(text) };
  }
}

function readObject(text: string): ImportRow['read'] {
  const noObject = [{ field: '', reason: 'is no JSON object' }];
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Item;
    return noObject;
  } catch {
    return noObject;
  }
}
