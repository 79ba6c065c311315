import { constants } from 'node:fs';
import { copyFile, mkdir, open, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { CodedError, codeOf } from '../../errors/coded-error.ts';
import { databaseUnavailable } from '../database.ts';
import { isConnectionError } from '../sql-state.ts';
import { type BackupEnd, claimTarget, endBackup, readDataDirectory, startBackup } from './backup.sql.ts';
import { giveName, makeDraft, placeOf, requireAbsent } from './backup-target.ts';

export interface BackupOptions {
  connectionString: string;
  /** folder of standalone */
  dataDirectory: string;
  /** folder that is made; standalone starts from it as from its own */
  target: string;
  /** told after each file, and waited for */
  onFile?: (files: number) => unknown;
}

const CONNECT_MS = 10_000;
/** What a server makes again when it starts (PostgreSQL's own list, "Making a Base Backup Using the Low Level API"). */
const EMPTY = /^(pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)$/;
const LEFT_OUT = /^(postmaster\.(pid|opts)|backup_label|pgsql_tmp.*|pg_internal\.init.*)$/;
const SEGMENT = /^[0-9A-F]{24}$/;

/**
 * Copies the embedded database while it works, with what standalone keeps beside it (secrets, password): a folder that
 * standalone starts from. It is renamed into place when it is whole: until then nothing is there, and what one that was killed has
 * left beside it the next one takes away.
 * @throws CodedError `backup-target-exists`, `backup-target-inside` (the copy would copy itself), `backup-running`,
 *   `backup-not-ours` (the database's files are not in this folder), `database-unavailable`
 */
export async function backUp(options: BackupOptions): Promise<{ files: number }> {
  const { connectionString, dataDirectory, target } = options;
  await requireAbsent(target);
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: CONNECT_MS });
  // what it was doing, or does next, fails with it
  client.on('error', () => undefined);
  try {
    await client.connect();
    await requireOurs(client, dataOf(dataDirectory));
    const place = await placeOf(target, dataOf(dataDirectory));
    await requireAlone(client, place);
    return await copyWhole(client, { ...options, target: place });
  } catch (error) {
    throw isConnectionError(error) ? databaseUnavailable(error, connectionString) : error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const dataOf = (dataDirectory: string) => join(dataDirectory, 'postgres', 'data');

/** Copies aside, and renames what is whole. */
async function copyWhole(
  client: pg.Client,
  { dataDirectory, target, onFile }: BackupOptions,
): Promise<{ files: number }> {
  const draft = `${target}.partial`;
  try {
    await makeDraft(draft);
    await startBackup(client, `backup_${process.pid}`);
    const copy = new FolderCopy(onFile);
    const [data, to] = [dataOf(dataDirectory), dataOf(draft)];
    await copy.folder(data, to);
    const end = await endBackup(client);
    await copy.log(join(data, 'pg_wal'), join(to, 'pg_wal'), end);
    await writeFile(join(to, 'backup_label'), end.label, { mode: 0o600, flush: true });
    await copy.files(dataDirectory, draft, ['postgres.password']);
    await copySecrets(dataDirectory, draft);
    await giveName(draft, target);
    return { files: copy.count };
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/** For as long as the connection lives: one that was killed holds nothing. */
async function requireAlone(client: pg.Client, target: string): Promise<void> {
  if (await claimTarget(client, target)) return;
  throw new CodedError('backup-running', `another backup to ${target} is under way`);
}

async function requireOurs(client: pg.Client, data: string): Promise<void> {
  const served = await readDataDirectory(client);
  const [ours, theirs] = await Promise.all([data, served].map((path) => realpath(path).catch(() => path)));
  if (ours === theirs) return;
  throw new CodedError(
    'backup-not-ours',
    `the database keeps its files in ${served}, not in ${data}: back it up with its own tools`,
  );
}

/** Without the address of the database: a command that is given the copy must not reach the one that works. */
async function copySecrets(from: string, to: string): Promise<void> {
  const text = await readFile(join(from, 'secrets.json'), 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return;
  const { databaseUrl: _address, ...secrets } = JSON.parse(text) as Record<string, unknown>;
  await writeFile(join(to, 'secrets.json'), `${JSON.stringify(secrets, null, 2)}\n`, {
    mode: 0o600,
    flush: true,
  });
}

class FolderCopy {
  count = 0;
  readonly #onFile: BackupOptions['onFile'];

  constructor(onFile: BackupOptions['onFile']) {
    this.#onFile = onFile;
  }

  async folder(from: string, to: string): Promise<void> {
    await mkdir(to, { mode: 0o700 });
    for (const entry of await readdir(from, { withFileTypes: true })) {
      const [source, copy] = [join(from, entry.name), join(to, entry.name)];
      if (LEFT_OUT.test(entry.name)) continue;
      if (EMPTY.test(entry.name)) await mkdir(copy, { mode: 0o700 });
      else if (entry.isDirectory()) await this.folder(source, copy);
      else if (entry.isFile()) await this.#file(source, copy);
      else
        throw new CodedError(
          'backup-not-ours',
          `${source} is a link (a tablespace?): it would not be copied`,
        );
    }
  }

  /** The log from where the copy began: what changed while it was made is put right from it. */
  async log(from: string, to: string, { label, lastSegment }: BackupEnd): Promise<void> {
    const first = /START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)/.exec(label)?.[1] ?? '';
    const names = await readdir(from);
    const isNeeded = (name: string) => SEGMENT.test(name) && name >= first && name <= lastSegment;
    const needed = names.filter((name) => isNeeded(name) || name.endsWith('.history'));
    await mkdir(join(to, 'archive_status'), { mode: 0o700 });
    await this.files(from, to, needed);
  }

  async files(from: string, to: string, names: readonly string[]): Promise<void> {
    for (const name of names) await this.#file(join(from, name), join(to, name));
  }

  /** A file that went meanwhile is not missed: the log says that it went. */
  async #file(from: string, to: string): Promise<void> {
    try {
      await copyFile(from, to, constants.COPYFILE_FICLONE);
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return;
      throw error;
    }
    const file = await open(to, 'r');
    await file.sync().finally(() => file.close());
    this.count += 1;
    await this.#onFile?.(this.count);
  }
}
