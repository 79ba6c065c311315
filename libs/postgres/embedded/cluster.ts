import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, chown, lstat, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { makeFolder } from '../../disk/folder.ts';
import { CodedError, codeOf } from '../../errors/coded-error.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Binaries } from './binaries.ts';
import { type RunAs, spawnAs } from './run-as.ts';
import { followOutput } from './server-log.ts';

/** Where a data directory keeps its database, and what opens it. */
export interface Cluster {
  /** PGDATA */
  readonly data: string;
  readonly password: string;
}

const INITDB_MS = 120_000;

/** The folder of PGDATA, made when missing, so that `decideRunAs` can try it. */
export async function makeClusterFolder(directory: string): Promise<string> {
  const home = join(directory, 'postgres');
  await makeFolder(home, 0o711);
  return home;
}

/**
 * Makes the database files on first use (initdb aside, then renamed into place, so that a start that was killed half way
 * leaves nothing half made) and reads the password, which lives in a file of mode 0600.
 * @throws CodedError `database-init-failed`, `database-password-missing`, `database-missing`
 */
export async function prepareCluster(
  directory: string,
  { binaries, runAs, logger }: { binaries: Binaries; runAs: RunAs; logger: Logger },
): Promise<Cluster> {
  const home = await makeClusterFolder(directory);
  const data = join(home, 'data');
  const passwordFile = join(directory, 'postgres.password');
  if (!(await exists(join(data, 'PG_VERSION')))) {
    await refuseLost(directory, data);
    const password = await generatePassword(passwordFile);
    await initialise({ home, data, password, binaries, runAs, logger });
  }
  await ownAll(data, runAs);
  return { data, password: await readPassword(passwordFile) };
}

/**
 * A volume that is not mounted, or a copy that broke off: an empty database in its place would be filled as if it were the one that
 * was there, and a new password would shut that one for good. The port is only ever written beside a whole database.
 */
async function refuseLost(directory: string, data: string): Promise<void> {
  const port = portFileOf(directory);
  const isUsed = await exists(port);
  if (!isUsed && (!(await exists(data)) || (await readdir(data)).length === 0)) return;
  const anew = `to begin with an empty one remove ${isUsed ? `${port} and ` : ''}what is in ${data}`;
  throw new CodedError(
    'database-missing',
    `${data} holds no whole database, and there was one: mount its volume, or restore it from a backup; ${anew}`,
  );
}

const portFileOf = (directory: string) => join(directory, 'postgres.port');

/** The port of last time when it is free, else a free one; kept in a file, so that it stays the same over restarts. */
export async function choosePort(directory: string): Promise<number> {
  const file = portFileOf(directory);
  const kept = await readFile(file, 'utf8').then(Number, () => 0);
  const port = (await freePort(Number.isInteger(kept) ? kept : 0)) ?? (await freePort(0)) ?? 0;
  await writeFile(file, `${port}\n`, { mode: 0o600 });
  return port;
}

interface Initialisation {
  home: string;
  data: string;
  password: string;
  binaries: Binaries;
  runAs: RunAs;
  logger: Logger;
}

async function initialise({ home, data, password, binaries, runAs, logger }: Initialisation): Promise<void> {
  const draft = `${data}.new`;
  const secret = join(home, 'initdb.password');
  await rm(draft, { recursive: true, force: true });
  if (runAs.owner !== undefined) await chown(home, runAs.owner.uid, runAs.owner.gid);
  await writeSecret(secret, password);
  if (runAs.owner !== undefined) await chown(secret, runAs.owner.uid, runAs.owner.gid);
  try {
    await runInitdb([binaries.initdb, `--pgdata=${draft}`, `--pwfile=${secret}`, ...INITDB], runAs, logger);
  } finally {
    await rm(secret, { force: true });
  }
  await rename(draft, data);
}

const INITDB = [
  '--username=postgres',
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--locale=C',
  // Whoever needs a new segment writes it full of zeros first, and every commit waits: 50 to 90 ms for the 16 MB that are the default.
  '--wal-segsize=1',
  '--no-instructions',
];

async function runInitdb(command: readonly string[], runAs: RunAs, logger: Logger): Promise<void> {
  const child = spawnAs(runAs, command);
  const output = followOutput(child, logger);
  const timer = setTimeout(() => child.kill('SIGKILL'), INITDB_MS);
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new CodedError('database-init-failed', `initdb failed: ${output.text()}`);
  } finally {
    clearTimeout(timer);
  }
}

async function generatePassword(file: string): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  await writeSecret(file, password);
  return password;
}

async function writeSecret(file: string, text: string): Promise<void> {
  await rm(file, { force: true });
  await writeFile(file, `${text}\n`, { mode: 0o600, flag: 'wx' });
  await chmod(file, 0o600);
}

async function readPassword(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new CodedError(
      'database-password-missing',
      `${file} cannot be read: it opens the database beside it`,
      {
        cause,
      },
    );
  }
}

/** A data directory that came from another machine or image may belong to another number of the same user. */
async function ownAll(path: string, { owner }: RunAs): Promise<void> {
  if (owner === undefined || (await stat(path)).uid === owner.uid) return;
  for (const entry of await readdir(path, { recursive: true })) {
    if ((await lstat(join(path, entry))).uid !== owner.uid)
      await chown(join(path, entry), owner.uid, owner.gid);
  }
  await chown(path, owner.uid, owner.gid);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** `port` (0: any) when it can be bound on 127.0.0.1. */
async function freePort(port: number): Promise<number | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen({ host: '127.0.0.1', port }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
