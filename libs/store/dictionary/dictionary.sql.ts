import { CodedError } from '../../errors/coded-error.ts';
import { type PackedDocument, unpackDocument } from '../document.ts';
import type { Queryable } from '../queryable.ts';
import { BUILT_IN, builtInDictionary } from './built-in.ts';

/**
 * Writes the dictionaries that come with switchfleet to the database, where documents stay readable whatever version
 * runs later.
 * @throws CodedError `dictionary-differs`: under this number other bytes are stored, and documents packed with one
 *   cannot be unpacked with the other
 */
export async function registerDictionaries(database: Queryable): Promise<void> {
  for (const { id, format } of BUILT_IN) {
    const bytes = builtInDictionary(id);
    await database.query(
      'insert into cdr_dictionaries (id, format, bytes) values ($1, $2, $3) on conflict (id) do nothing',
      [id, format, bytes],
    );
    const stored = await readDictionary(database, id);
    if (bytes !== undefined && stored?.equals(bytes)) continue;
    throw new CodedError(
      'dictionary-differs',
      `dictionary ${id} in the database is not the one of this version`,
    );
  }
}

/** A dictionary of the database, undefined when it has none of this number. */
export async function readDictionary(database: Queryable, id: number): Promise<Buffer | undefined> {
  const { rows } = await database.query<{ bytes: Buffer }>(
    'select bytes from cdr_dictionaries where id = $1',
    [id],
  );
  return rows[0]?.bytes;
}

/** A stored document, byte for byte. @throws CodedError `dictionary-missing`, `document-damaged` */
export async function openDocument(database: Queryable, stored: PackedDocument): Promise<Buffer> {
  const { dictionary } = stored;
  if (dictionary === null) return unpackDocument(stored);
  const bytes = builtInDictionary(dictionary) ?? (await readDictionary(database, dictionary));
  return unpackDocument(stored, () => bytes);
}
