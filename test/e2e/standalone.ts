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

/** A data directory for one test, removed afterwards. */
export function makeDataDirectory(t: Testing): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'switchfleet-e2e-'));
  t.after(() => rmSync(dataDir, { recursive: true, force: true }));
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

/** Starts standalone on a data directory and waits until it is ready. */
export async function startStandalone(
  t: Testing,
  { dataDir, environment = {} }: StandaloneOptions,
): Promise<Standalone> {
  const child = startChild({
    entry: 'services/standalone/main.ts',
    environment: { DATA_DIR: dataDir, LOG_LEVEL: 'warn', ...FREE_PORTS, ...environment },
  });
  t.after(async () => {
    await child.stop('SIGTERM', 40_000);
  });
  await child.printed(/switchfleet is ready/, 60_000);
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
