import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RollupSpan } from '../../libs/store/rollup.sql.ts';
import { MIGRATIONS } from '../main/place.ts';

const FOLDER = resolve(import.meta.dirname, '../../.cache/bench');

/** A month of calls in a data directory that later runs find again, unless the schema or the number of calls changed. */
export interface KeptMonth {
  dataDirectory: string;
  span: RollupSpan;
  isLoaded: boolean;
  /** Notes that all of it is loaded: what was broken off is made anew. */
  keep(): Promise<void>;
}

/** Finds the month of `calls` calls, or makes room for it; those of an older schema are removed. */
export async function openKeptMonth(calls: number): Promise<KeptMonth> {
  await mkdir(FOLDER, { recursive: true });
  const schema = await hashOfSchema();
  for (const name of await readdir(FOLDER)) {
    if (name.startsWith('calls-') && !name.endsWith(schema)) await remove(name);
  }
  const name = `calls-${calls}-${schema}`;
  const marker = join(FOLDER, name, 'loaded.json');
  const known = await readFile(marker, 'utf8').catch(() => undefined);
  if (known === undefined) await remove(name);
  await mkdir(join(FOLDER, name), { recursive: true });
  const span: RollupSpan = known === undefined ? lastMonth() : JSON.parse(known);
  return {
    dataDirectory: join(FOLDER, name, 'data'),
    span,
    isLoaded: known !== undefined,
    keep: () => writeFile(marker, JSON.stringify(span)),
  };
}

function remove(name: string): Promise<void> {
  return rm(join(FOLDER, name), { recursive: true, force: true });
}

async function hashOfSchema(): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(MIGRATIONS)).sort()) hash.update(await readFile(join(MIGRATIONS, name)));
  return hash.digest('hex').slice(0, 12);
}

function lastMonth(): RollupSpan {
  const now = new Date();
  const first = (months: number) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1) * 1000;
  return { fromUs: first(-1), toUs: first(0) };
}
