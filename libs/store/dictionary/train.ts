import { createFramePacker } from '../frame-packer.ts';

/** A word that fewer of the documents have is no part of a dictionary: names, numbers and addresses of people stay out. */
const SHARE = 0.1;
/** The same word in so few documents proves nothing, whatever their share. */
const FEWEST = 5;
/** Too short to tell of anybody. */
const SHORT = 2;
/** Larger dictionaries gain little, and each document that is read makes zstd read all of one. */
const MAX_BYTES = 64 * 1024;
const CANDIDATES = 24;
const JUDGES = 60;
/** One more document that does not make the packed ones smaller than this share is not worth its bytes. */
const WORTH = 0.98;

const WORD = /[\p{L}\p{N}_]+/gu;

/**
 * Makes a zstd dictionary of documents of one format: a few of them that together serve the others best, without the words
 * that are in less than a tenth of all. It serves as well as whole documents do, and tells of no call.
 */
export function trainDictionary(documents: readonly Buffer[]): Buffer {
  const candidates = withoutRareWords(documents, CANDIDATES);
  const judges = spread(documents, JUDGES);
  let dictionary: Buffer | undefined;
  let size = Number.POSITIVE_INFINITY;
  for (;;) {
    const next = candidates
      // The last document comes first: zstd finds what stands at the end in the shortest words.
      .map((candidate) => Buffer.concat([candidate, dictionary ?? Buffer.alloc(0)]))
      .filter(({ length }) => length <= MAX_BYTES)
      .map((bytes) => ({ bytes, size: measureDictionary(bytes, judges) }))
      .reduce<{ bytes: Buffer; size: number } | undefined>(
        (best, tried) => (best === undefined || tried.size < best.size ? tried : best),
        undefined,
      );
    if (next === undefined || next.size > size * WORTH) return dictionary ?? Buffer.alloc(0);
    dictionary = next.bytes;
    size = next.size;
  }
}

/** Bytes of a document on average, packed with a dictionary. */
export function measureDictionary(dictionary: Buffer | undefined, documents: readonly Buffer[]): number {
  const largest = Math.max(0, ...documents.map(({ length }) => length));
  const pack = createFramePacker({ dictionary, largest });
  const total = documents.reduce((sum, document) => sum + pack(document).length, 0);
  return documents.length === 0 ? 0 : total / documents.length;
}

function withoutRareWords(documents: readonly Buffer[], count: number): Buffer[] {
  const known = new Map<string, number>();
  for (const document of documents) {
    for (const word of new Set(document.toString('utf8').match(WORD)))
      known.set(word, (known.get(word) ?? 0) + 1);
  }
  const least = Math.max(FEWEST, documents.length * SHARE);
  const shared = (word: string) => (word.length <= SHORT || (known.get(word) ?? 0) >= least ? word : '');
  return spread(documents, count).map((document) =>
    Buffer.from(document.toString('utf8').replace(WORD, shared), 'utf8'),
  );
}

/** So many of them, evenly from the first to the last. */
function spread<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, at) => all[Math.floor((at * all.length) / count)]).filter(
    (one) => one !== undefined,
  );
}
