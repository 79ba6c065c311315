import { hash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { RollupSpan } from '../../libs/store/rollup.sql.ts';
import { MIGRATIONS } from '../main/place.ts';

const FOLDER = resolve(import.meta.dirname, '../../.cache/bench');

/** A month of calls in a data directory that later runs find again. */
export interface KeptMonth {
  dataDirectory: string;
  span: RollupSpan;
  /** whether all of it is there */
  isLoaded: boolean;
  /** how much of the loading is done, also by earlier runs */
  readonly stepsDone: number;
  /** Notes that one step more is done. */
  stepDone(): Promise<void>;
  /** Notes that all of it is loaded. */
  keep(): Promise<void>;
}

interface Marker {
  span: RollupSpan;
  isLoaded: boolean;
  stepsDone: number;
  /** digests of the migrations that it was made with, by name of the file */
  migrations: Record<string, string>;
}

/**
 * Finds the month of `calls` calls, or makes room for it. Later migrations are applied to it as to every database; where one
 * that it was made with is another one by now, it is removed.
 */
export async function openKeptMonth(calls: number): Promise<KeptMonth> {
  const folder = join(FOLDER, `calls-${calls}`);
  const migrations = await digestsOfMigrations();
  const marker = join(folder, 'loaded.json');
  const known = await readMarker(marker);
  const isOfThisSchema =
    known !== undefined &&
    Object.entries(known.migrations).every(([name, digest]) => migrations[name] === digest);
  if (!isOfThisSchema) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const said: Marker = isOfThisSchema
    ? known
    : { span: lastMonth(), isLoaded: false, stepsDone: 0, migrations };
  const note = () => writeFile(marker, JSON.stringify(said));
  return {
    dataDirectory: join(folder, 'data'),
    span: said.span,
    isLoaded: said.isLoaded,
    get stepsDone() {
      return said.stepsDone;
    },
    stepDone: async () => {
      said.stepsDone += 1;
      await note();
    },
    keep: async () => {
      said.isLoaded = true;
      await note();
    },
  };
}

async function readMarker(path: string): Promise<Marker | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Marker);
}

async function digestsOfMigrations(): Promise<Record<string, string>> {
  const names = (await readdir(MIGRATIONS)).sort();
  const digests = names.map(
    async (name) => [name, hash('sha256', await readFile(join(MIGRATIONS, name)))] as const,
  );
  return Object.fromEntries(await Promise.all(digests));
}

function lastMonth(): RollupSpan {
  const now = new Date();
  const first = (months: number) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + months, 1) * 1000;
  return { fromUs: first(-1), toUs: first(0) };
}
