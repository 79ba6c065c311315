import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A zstd dictionary: documents that are like the ones to be packed. What is packed with one needs it for ever. */
export interface Dictionary {
  /** numbers below 1,000 come with switchfleet */
  id: number;
  format: 'xml' | 'json';
  /** the file, which never changes: a better one gets a number of its own */
  file: string;
}

/**
 * Two recorded CDRs each. Measured on 118 XML and 48 JSON documents of other runs, with one compressor for all: 12.5 kB
 * to 0.92 kB in 0.04 ms and 7.3 kB to 0.73 kB in 0.02 ms (3.3 kB and 2.4 kB without a dictionary).
 */
export const BUILT_IN: readonly Dictionary[] = [
  { id: 1, format: 'xml', file: '1-xml.txt' },
  { id: 2, format: 'json', file: '2-json.txt' },
];

const read = new Map<number, Buffer>();

/** The bytes of a dictionary that comes with switchfleet; undefined for any other number. */
export function builtInDictionary(id: number): Buffer | undefined {
  const known = read.get(id);
  const dictionary = BUILT_IN.find((candidate) => candidate.id === id);
  if (known !== undefined || dictionary === undefined) return known;
  const bytes = readFileSync(join(import.meta.dirname, dictionary.file));
  read.set(id, bytes);
  return bytes;
}

/** The dictionary that documents of this format are packed with. */
export function dictionaryOf(format: 'xml' | 'json'): { id: number; bytes: Buffer } | undefined {
  const id = BUILT_IN.findLast((dictionary) => dictionary.format === format)?.id;
  const bytes = id === undefined ? undefined : builtInDictionary(id);
  return id === undefined || bytes === undefined ? undefined : { id, bytes };
}
