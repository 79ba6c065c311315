import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../../disk/folder.ts';
import { CodedError, codeOf } from '../../errors/coded-error.ts';
import { identify, isRunning, type ProcessIdentity } from './process-identity.ts';

/** Held by the one process that may use a data directory. */
export interface StandaloneLock {
  release(): Promise<void>;
}

const FILE = 'standalone.lock';
/** The user `postgres` passes through it. */
const FOLDER_MODE = 0o711;
const ATTEMPTS = 50;
const RETRY_MS = 20;

interface Holder extends ProcessIdentity {
  /** unique for each time the lock is taken */
  token: string;
}

/** Whom a walk over the lock files came to last; `dead` are those before it, oldest first. */
interface Walk {
  dead: Holder[];
  alive: Holder | undefined;
}

/**
 * Takes the data directory for this process. A lock whose process is gone (or whose number is another process now) is
 * taken over, by one process only: the lock of a dead holder stays where it is until somebody has created, exclusively,
 * the file that is named after that holder's token. Who did so puts itself into the lock's own place and removes that file.
 * @throws CodedError `already-running`, with `details.pid`; `lock-failed`
 */
export async function takeStandaloneLock(directory: string): Promise<StandaloneLock> {
  const path = join(directory, FILE);
  const self = await identify(process.pid);
  const me: Holder = { pid: process.pid, startedAt: self?.startedAt ?? 'unknown', token: randomUUID() };
  const draft = `${path}.${me.token}`;
  try {
    await makeFolder(directory, FOLDER_MODE);
    await writeFile(draft, JSON.stringify(me), { mode: 0o600, flush: true });
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await claim(path, me, draft)) return { release: () => release(path, me) };
      await sleep(Math.random() * RETRY_MS);
    }
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new CodedError('lock-failed', `cannot take ${path}`, { cause });
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
  throw new CodedError('already-running', `cannot take ${path}: other processes start at the same time`);
}

/** Stands in line behind the last dead holder; true when nobody alive stands there too, and the lock is ours. */
async function claim(path: string, me: Holder, draft: string): Promise<boolean> {
  const before = await walk(path);
  if (before.alive !== undefined) throw alreadyRunning(path, before.alive);
  const last = before.dead.at(-1);
  const place = last === undefined ? path : heirOf(path, last);
  if (!(await linkNew(draft, place))) return false;
  // While we looked, another one may have finished taking over and cleared the very place that we took.
  const { alive } = await walk(path);
  if (alive?.token !== me.token) {
    await rm(place, { force: true });
    return false;
  }
  if (place === path) return true;
  await rename(draft, path);
  for (const holder of before.dead) await rm(heirOf(path, holder), { force: true });
  return true;
}

/** From the lock itself over the heirs of dead holders, to the first one that is alive or has no heir. */
async function walk(path: string): Promise<Walk> {
  const dead: Holder[] = [];
  for (let holder = await read(path); holder !== undefined; ) {
    if (await isRunning(holder)) return { dead, alive: holder };
    dead.push(holder);
    holder = await read(heirOf(path, holder), dead.length);
  }
  return { dead, alive: undefined };
}

function heirOf(path: string, { token }: Holder): string {
  return `${path}.after-${token}`;
}

/** Links a file that is written already: its new name never shows it half written, and only one process gets it. */
async function linkNew(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function alreadyRunning(path: string, { pid }: Holder): CodedError {
  const directory = dirname(path);
  return new CodedError('already-running', `switchfleet already runs on ${directory}, as process ${pid}`, {
    details: { pid, directory },
  });
}

async function release(path: string, me: Holder): Promise<void> {
  if ((await read(path))?.token === me.token) await rm(path, { force: true });
}

/** What somebody else wrote, or a broken disk, belongs to nobody; `depth` keeps such holders of one walk apart. */
function nobody(depth: number): Holder {
  return { pid: -1, startedAt: 'never', token: `unreadable-${depth}` };
}

async function read(path: string, depth = 0): Promise<Holder | undefined> {
  try {
    const { pid, startedAt, token } = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder>;
    const isWhole = typeof pid === 'number' && typeof startedAt === 'string' && typeof token === 'string';
    return isWhole && /^[\w-]{1,64}$/.test(token) ? { pid, startedAt, token } : nobody(depth);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return nobody(depth);
    throw error;
  }
}
