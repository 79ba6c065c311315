import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';

/** One numbered SQL file. */
export interface MigrationFile {
  number: number;
  name: string;
  sql: string;
  /** sha256 of the file in hex: an applied file must never change */
  sha256: string;
}

const NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;

/**
 * The migrations of a folder in the order of their numbers; numbers may have gaps (ranges are given to people).
 * @throws CodedError `migrations-unreadable`, `migration-misnamed`, `migration-duplicate`
 */
export async function readMigrations(directory: string): Promise<MigrationFile[]> {
  const names = await readNames(directory);
  const files = await Promise.all(names.map((name) => readMigration(directory, name)));
  files.sort((a, b) => a.number - b.number);
  for (const [i, file] of files.entries()) {
    const previous = files[i - 1];
    if (previous?.number !== file.number) continue;
    throw new CodedError('migration-duplicate', `${previous.name} and ${file.name} have the same number`);
  }
  return files;
}

async function readNames(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith('.sql'));
  } catch (cause) {
    throw new CodedError('migrations-unreadable', `cannot read the migrations in ${directory}`, { cause });
  }
}

async function readMigration(directory: string, name: string): Promise<MigrationFile> {
  const number = NAME.exec(name)?.[1];
  if (number === undefined) {
    throw new CodedError('migration-misnamed', `${name} must be named like 0042_what_it_adds.sql`);
  }
  const bytes = await readFile(join(directory, name));
  return {
    number: Number(number),
    name,
    sql: bytes.toString('utf8'),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}
