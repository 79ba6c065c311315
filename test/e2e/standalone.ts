import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild } from '../support/child-process.ts';
import type { Testing } from '../support/stack/test-database.ts';
import type { Product } from './product.ts';

/** Every port is chosen by the system. */
export const FREE_PORTS = {
  API_PORT: '0',
  DIRECTORY_PORT: '0',
  CDR_PORT: '0',
  ROUTING_PORT: '0',
  COLLECTOR_PORT: '0',
  WRITER_PORT: '0',
  MERGER_PORT: '0',
};

const STOP_MS = 40_000;

/** What works in a data directory, and has to end before the directory goes: hooks run in the order they were given. */
const workers = new Map<string, Child[]>();

/** A data directory for one test, removed afterwards, when the processes in it have ended. */
export function makeDataDirectory(t: Testing): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'switchfleet-e2e-'));
  workers.set(dataDir, []);
  t.after(async () => {
    try {
      for (const child of workers.get(dataDir) ?? []) await child.stop('SIGTERM', STOP_MS);
    } finally {
      workers.delete(dataDir);
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
    }
  });
  return dataDir;
}

export interface StandaloneOptions {
  dataDir: string;
  environment?: Readonly<Record<string, string>>;
}

/** What `npm start` runs, and how to reach it, read from what it printed. */
export interface Standalone extends Product {
  child: Child;
  secrets: Record<string, string>;
}

/** Starts standalone on a data directory; it is stopped after the test. */
export function launchStandalone(t: Testing, { dataDir, environment = {} }: StandaloneOptions): Child {
  const child = startChild({
    entry: 'services/standalone/main.ts',
    environment: { DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...FREE_PORTS, ...environment },
  });
  const others = workers.get(dataDir);
  if (others === undefined) t.after(async () => void (await child.stop('SIGTERM', STOP_MS)));
  else others.push(child);
  return child;
}

/** Starts standalone on a data directory and waits until it is ready; it is stopped after the test. */
export async function startStandalone(t: Testing, options: StandaloneOptions): Promise<Standalone> {
  const { dataDir } = options;
  const child = launchStandalone(t, options);
  await child.printed(/switchfleet is ready/, 120_000);
  const url = (name: string) =>
    new RegExp(`^ +${name} +(http://\\S+?)/`, 'm').exec(child.output())?.[1] ?? `no URL of ${name}`;
  const secrets = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')) as Record<string, string>;
  return {
    child,
    secrets,
    apiUrl: url('api'),
    cdrUrl: url('cdr'),
    directoryUrl: url('directory'),
    routingUrl: url('routing'),
    databaseUrl: secrets['databaseUrl'] ?? '',
    apiToken: secrets['apiToken'] ?? '',
    freeswitch: { username: 'freeswitch', password: secrets['freeswitchPassword'] ?? '' },
    cliEnvironment: { DATA_DIR: dataDir },
  };
}
