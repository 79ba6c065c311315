import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadConfig } from '../../libs/config/config.ts';
import { openDatabase } from '../../libs/postgres/database.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { apiOver } from '../support/api/api.ts';
import { startChild } from '../support/child-process.ts';
import { buildOverlay } from '../support/kubernetes/kustomize.ts';
import { freePort } from '../support/stack/free-port.ts';
import { testDatabase } from '../support/stack/test-database.ts';
import { until } from '../support/until.ts';

/** PgBouncer refuses to run as root. */
const NOBODY = 65_534;
const AT_ONCE = 24;

/** A PgBouncer with the settings of k8s/overlays/ha before a database; gives the address that leads through it. */
async function startPooler(t: TestContext, connectionString: string): Promise<string> {
  const { manifests } = await buildOverlay('k8s/overlays/ha');
  const pooler = manifests.find(({ kind }) => kind === 'Pooler');
  assert.ok(pooler);
  const { pgbouncer } = pooler.spec as unknown as {
    pgbouncer: { poolMode: string; parameters: Record<string, string> };
  };
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-pooler-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const target = new URL(connectionString);
  const settings = {
    ...pgbouncer.parameters,
    // fewer backends than there are questions at once, so that they change hands
    default_pool_size: '2',
    pool_mode: pgbouncer.poolMode,
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'any',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const backend = `host=127.0.0.1 port=${target.port} user=${target.username} password=${target.password}`;
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(file, ['[databases]', `* = ${backend}`, '[pgbouncer]', ...lines, ''].join('\n'));
  const asRoot = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn('pgbouncer', [file], { stdio: ['ignore', 'pipe', 'pipe'], ...asRoot });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  t.after(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  await until('the pooler listens', () => output.includes('process up') || child.exitCode !== null).catch(
    () => undefined,
  );
  assert.equal(child.exitCode, null, output);
  target.port = String(port);
  return target.href;
}

test('the api reads through a pooler in transaction mode, with the settings of the overlay', async (t) => {
  const { connectionString } = await testDatabase(t);
  const pooled = await startPooler(t, connectionString);
  const config = loadConfig({ DATABASE_URL: connectionString, DATABASE_READ_URL: pooled });
  const database = openDatabase({ config, logger: createLogger({ service: 'test', level: 'silent' }) });
  t.after(() => database.stop());
  const { ask } = apiOver(t, connectionString, undefined, { pool: database.read, writePool: database.write });
  const paths = [
    '/v1/calls?limit=10',
    '/v1/calls/export?from=2026-11-01T00:00:00Z',
    '/v1/legs?limit=10',
    '/v1/cdr-rejects',
    '/v1/nodes',
    '/v1/reports/kpis?from=2026-11-01T00:00:00Z&to=2026-11-02T00:00:00Z',
  ];
  const answers = await Promise.all(
    Array.from({ length: AT_ONCE }, async (_, at) => {
      const path = paths[at % paths.length] ?? '';
      return { path, ...(await ask('GET', path)) };
    }),
  );
  for (const { path, status, text } of answers) assert.equal(status, 200, `${path}: ${text}`);
});

test('doctor says when the pooler stands before the primary', async (t) => {
  const { connectionString } = await testDatabase(t);
  const pooled = await startPooler(t, connectionString);
  const environment = { DATABASE_URL: pooled, SECRETS_KEY: '0'.repeat(64) };
  const child = startChild({ entry: 'services/cli/main.ts', args: ['doctor'], environment });
  assert.equal(await child.ended(60_000), 1);
  assert.match(child.output(), /^failed +database +a pooler in transaction mode stands before it/m);
});
