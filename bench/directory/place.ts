import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scope } from '../main/scope.ts';
import { type Child, startChild } from '../routing/child.ts';
import type { Fleet } from './fleet.ts';
import type { HttpLoad, HttpLoadResult } from './http-load-process.ts';
import type { ServiceReady } from './service-process.ts';

/** A running directory on a fleet. */
export interface Service extends ServiceReady {
  child: Child;
}

/** Starts a file of this folder as a process. */
export function start(scope: Scope, name: string, environment: Record<string, string> = {}): Child {
  return startChild(scope, `../directory/${name}`, environment);
}

/** Starts the directory of a bench; `loadSeconds` says how long its load took. */
export async function startService(scope: Scope, fleet: Fleet): Promise<Service> {
  const dataDir = await mkdtemp(join(tmpdir(), 'directory-bench-'));
  scope.after(() => rm(dataDir, { recursive: true, force: true }));
  const child = start(scope, 'service-process.ts', {
    DATABASE_URL: fleet.connectionString,
    DATA_DIR: dataDir,
    FREESWITCH_PASSWORD: 'secret',
    SECRETS_KEY: '11'.repeat(32),
    DIRECTORY_PORT: '0',
    LOG_LEVEL: 'error',
  });
  return { child, ...(await child.ask<ServiceReady>('start')) };
}

/** Asks a load of the client. @throws Error when an answer was wrong */
export async function load(client: Child, order: Omit<HttpLoad, 'connections'>): Promise<HttpLoadResult> {
  const result = await client.ask<HttpLoadResult>({ connections: 32, ...order });
  if (result.wrong > 0) throw new Error(`${result.wrong} of ${result.answers} answers were wrong`);
  return result;
}

/** Answers a second. */
export function rateOf({ answers, milliseconds }: HttpLoadResult): number {
  return (answers / milliseconds) * 1000;
}

/** Memory that a process has, megabytes. */
export async function residentMb({ pid }: Child): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
}
