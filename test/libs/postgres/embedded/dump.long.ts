import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { migrate } from '../../../../libs/postgres/migrate.ts';
import { apiOver } from '../../../support/api/api.ts';
import { startChild } from '../../../support/child-process.ts';
import { freePort } from '../../../support/stack/free-port.ts';
import { tableCounts } from '../../../support/table-counts.ts';
import { until } from '../../../support/until.ts';
import { createTestLog } from '../logger.ts';
import { DAY, MAKE_CALLS } from './made-calls.ts';

const MIGRATIONS = join(import.meta.dirname, '../../../../migrations');
const { logger } = createTestLog('warn');
const run = promisify(execFile);

/** Debian's PostgreSQL, which has pg_dump beside its server: a server of its own on a free port, for who comes from this machine. */
async function startDebianServer(
  t: TestContext,
): Promise<{ program: (name: string) => string; url: (name: string) => string }> {
  const folders = globSync('/usr/lib/postgresql/*/bin').toSorted();
  const folder = folders.at(-1);
  assert.ok(folder, 'apt-get install postgresql');
  const program = (name: string) => join(folder, name);
  const parent = await mkdtemp(join(tmpdir(), 'switchfleet-dump-'));
  await chmod(parent, 0o777);
  const data = join(parent, 'data');
  const port = await freePort();
  const asOwner = (name: string, ...args: string[]) =>
    process.getuid?.() === 0
      ? run('runuser', ['-u', 'postgres', '--', program(name), ...args])
      : run(program(name), args);
  t.after(async () => {
    await asOwner('pg_ctl', '-D', data, '-m', 'fast', 'stop');
    await rm(parent, { recursive: true, force: true });
  });
  await asOwner('initdb', '-D', data, '-A', 'trust', '-U', 'postgres', '--encoding=UTF8');
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`;
  await asOwner('pg_ctl', '-D', data, '-o', options, '-l', join(parent, 'log'), '-w', 'start');
  return { program, url: (name) => `postgresql://postgres@127.0.0.1:${port}/${name}` };
}

test('a dump that is restored elsewhere: the same rows, the same report, and services start on it', async (t) => {
  const { program, url } = await startDebianServer(t);
  const psql = (...words: string[]) => run(program('psql'), [url('postgres'), ...words]);
  await psql('-c', 'create database switchfleet');
  await migrate({ connectionString: url('switchfleet'), directory: MIGRATIONS, logger });
  const source = apiOver(t, url('switchfleet'));
  await source.pool.query(MAKE_CALLS, [500]);
  await source.pool.query(`insert into domains (name, tenant) values ('dump.example', 'default')`);

  const file = join(await mkdtemp(join(tmpdir(), 'switchfleet-dump-')), 'switchfleet.dump');
  t.after(() => rm(join(file, '..'), { recursive: true, force: true }));
  await run(program('pg_dump'), ['--format=custom', `--file=${file}`, url('switchfleet')]);
  await psql('-c', 'create database switchfleet_restored');
  await run(program('pg_restore'), ['--no-owner', `--dbname=${url('switchfleet_restored')}`, file]);

  const restored = apiOver(t, url('switchfleet_restored'));
  const expected = await tableCounts(source.pool);
  assert.equal(expected['calls'], 500);
  assert.deepEqual(await tableCounts(restored.pool), expected);
  const report = `/v1/reports/kpis?by=trunk&from=${DAY}T08:00:00Z&to=${DAY}T09:00:00Z`;
  const [before, after] = [await source.ask('GET', report), await restored.ask('GET', report)];
  assert.equal((after.body.items ?? []).length, 3, after.text);
  assert.equal(after.text, before.text);

  for (const service of ['directory', 'merger'] as const) {
    const port = await freePort();
    const child = startChild({
      entry: `services/${service}/main.ts`,
      environment: {
        DATABASE_URL: url('switchfleet_restored'),
        FREESWITCH_PASSWORD: 'secret',
        DATA_DIR: join(file, '..'),
        [`${service.toUpperCase()}_PORT`]: String(port),
        DRAIN_MS: '0',
      },
    });
    t.after(() => child.stop('SIGKILL'));
    const isReady = () =>
      fetch(`http://127.0.0.1:${port}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(`${service} is ready`, isReady, 60_000);
    assert.equal(await child.stop('SIGTERM', 60_000), 0);
  }
});
