import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError, codeOf } from '../../errors/coded-error.ts';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';

/** Held by the one process that may use a data directory. */
export interface StandaloneLock {
  release(): Promise<void>;
}

const FILE = 'standalone.lock';
const ATTEMPTS = 10;

interface Holder extends ProcessIdentity {
  /** tells our own lock from one that another process took over */
  token: string;
}

/**
 * Takes the data directory for this process. A lock whose process is gone (or whose number is another process now) is
 * taken over.
 * @throws CodedError `already-running`, with `details.pid`
 */
export async function takeStandaloneLock(directory: string): Promise<StandaloneLock> {
  await mkdir(directory, { recursive: true, mode: 0o711 });
  const path = join(directory, FILE);
  const self = await identify(process.pid);
  const holder: Holder = { pid: process.pid, startedAt: self?.startedAt ?? 'unknown', token: randomUUID() };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await create(path, holder)) return { release: () => release(path, holder) };
    await removeIfStale(path, directory);
  }
  throw new CodedError('already-running', `cannot take ${path}: other processes start at the same time`);
}

/** Writes the whole lock aside and links it into place: it never exists half written, and only one process succeeds. */
async function create(path: string, holder: Holder): Promise<boolean> {
  const draft = `${path}.${holder.token}`;
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600 });
  try {
    await link(draft, path);
    return (await read(path))?.token === holder.token;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new CodedError('lock-failed', `cannot create ${path}`, { cause: error });
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeIfStale(path: string, directory: string): Promise<void> {
  const holder = await read(path);
  if (holder !== undefined && (await isRunning(holder))) {
    throw new CodedError(
      'already-running',
      `switchfleet already runs on ${directory}, as process ${holder.pid}`,
      {
        details: { pid: holder.pid, directory },
      },
    );
  }
  await moveAside(path, holder);
}

/** Another process may have replaced the stale lock in the meantime: then what was moved is a live one and goes back. */
async function moveAside(path: string, stale: Holder | undefined): Promise<void> {
  const aside = `${path}.stale-${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = await read(aside);
  if (moved?.token !== stale?.token) {
    await link(aside, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  }
  await rm(aside, { force: true });
}

async function release(path: string, holder: Holder): Promise<void> {
  if ((await read(path))?.token === holder.token) await rm(path, { force: true });
}

async function read(path: string): Promise<Holder | undefined> {
  try {
    const { pid, startedAt, token } = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder>;
    if (typeof pid !== 'number' || typeof startedAt !== 'string' || typeof token !== 'string')
      return undefined;
    return { pid, startedAt, token };
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
