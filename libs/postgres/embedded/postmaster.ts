import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError, codeOf } from '../../errors/coded-error.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { identify, isRunning, type ProcessIdentity, worksIn } from './process-identity.ts';

/** Ways to stop a postmaster, mildest first: fast (ends sessions), immediate (recovers at next start), then no choice. */
const STEPS: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGINT', 20_000],
  ['SIGQUIT', 10_000],
  ['SIGKILL', 5_000],
];
const POLL_MS = 20;

/**
 * Stops a PostgreSQL that a killed process of ours left running on this data directory, and removes the pid file that a
 * dead one left. What postmaster.pid names is only touched when it is really that postmaster (it works in the directory).
 * @returns whether one was stopped
 * @throws CodedError `database-stop-failed`
 */
export async function stopOrphan(dataDirectory: string, logger: Logger): Promise<boolean> {
  const file = join(dataDirectory, 'postmaster.pid');
  const pid = await readPid(file);
  if (pid === undefined) return false;
  const postmaster = (await worksIn(pid, dataDirectory)) ? await identify(pid) : undefined;
  if (postmaster === undefined) {
    // The number may be another process by now, which would keep PostgreSQL from starting.
    await rm(file, { force: true });
    return false;
  }
  logger.warn({ pid }, 'stopping the PostgreSQL that an earlier run left behind');
  await stopPostmaster(postmaster, logger);
  return true;
}

/** Stops a postmaster and waits until it is gone. @throws CodedError `database-stop-failed` */
export async function stopPostmaster(postmaster: ProcessIdentity, logger: Logger): Promise<void> {
  for (const [signal, limitMs] of STEPS) {
    send(postmaster.pid, signal);
    if (await isGone(postmaster, limitMs)) return;
    logger.error({ pid: postmaster.pid, signal, limitMs }, 'PostgreSQL did not stop in time');
  }
  throw new CodedError('database-stop-failed', `PostgreSQL (process ${postmaster.pid}) cannot be stopped`, {
    details: { pid: postmaster.pid },
  });
}

async function isGone(postmaster: ProcessIdentity, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (await isRunning(postmaster)) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (codeOf(error) !== 'ESRCH')
      throw new CodedError('database-stop-failed', `cannot signal ${pid}`, { cause: error });
  }
}

async function readPid(file: string): Promise<number | undefined> {
  try {
    const pid = Number.parseInt((await readFile(file, 'utf8')).split('\n')[0] ?? '', 10);
    return Number.isInteger(pid) && pid > 1 ? pid : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
