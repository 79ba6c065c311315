import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';

/** Where the stack of this run is asked; `npm test` sets it for every test file. */
export const STACK_VARIABLE = 'TEST_STACK';
const STOP_MS = 30_000;

/** A stack in a process of its own. */
export interface StackHost {
  url: string;
  stop(): Promise<void>;
}

/** Starts the process that holds the servers of a run. It ends with this process, and does not keep it from ending. */
export async function spawnStackHost(): Promise<StackHost> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'stack-host.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  const url = chunk.toString().trim();
  for (const pipe of [child.stdin, child.stdout] as unknown as Socket[]) pipe.unref();
  child.unref();
  child.once('exit', (code, signal) => {
    if (code !== 0)
      process.stderr.write(`# the servers of this run are gone: ${signal ?? `exit code ${code}`}\n`);
  });
  return { url, stop: () => stopHost(child) };
}

async function stopHost(child: ChildProcess): Promise<void> {
  // one that is gone tells nobody again
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.ref();
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await exited;
  clearTimeout(timer);
}

let ownHost: Promise<StackHost> | undefined;

/**
 * Asks the stack of this run; a test file that was started by hand (`node --test FILE`) gets one of its own.
 * @throws Error with the stack's reason
 */
export async function askStack<T>(method: string, path: string): Promise<T> {
  const response = await fetch(`${await stackUrl()}${path}`, { method });
  const body = (await response.json()) as T & { reason?: string };
  if (!response.ok) throw new Error(body.reason ?? `the stack answers ${response.status}`);
  return body;
}

async function stackUrl(): Promise<string> {
  const given = process.env[STACK_VARIABLE];
  if (given) return given;
  ownHost ??= spawnStackHost();
  return (await ownHost).url;
}
