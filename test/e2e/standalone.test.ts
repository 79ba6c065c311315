import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, existsSync, openSync, readFileSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { childEnvironment, startChild } from '../support/child-process.ts';
import { testDatabase } from '../support/stack/test-database.ts';
import { until } from '../support/until.ts';
import { switchfleet } from './product.ts';
import { FREE_PORTS, launchStandalone, makeDataDirectory, startStandalone } from './standalone.ts';

/** Starts standalone where it cannot start; gives its exit code and what it printed. */
async function failedStart(dataDir: string, environment: Record<string, string>) {
  const child = startChild({
    entry: 'services/standalone/main.ts',
    environment: { DATA_DIR: dataDir, ...FREE_PORTS, ...environment },
  });
  const code = await child.ended(60_000);
  return { code, lines: child.output().trim().split('\n') };
}

const MADE_SECRETS = {
  freeswitchPassword: 'freeswitch-password',
  kamailioPassword: 'kamailio-password',
  apiToken: 'first-token',
  secretsKey: '5e'.repeat(32),
  eslPassword: 'esl-password',
};

test('first start, Ctrl-C, second start: secrets and data stay, nothing is left running', async (t) => {
  const dataDir = makeDataDirectory(t);
  const first = await startStandalone(t, { dataDir });
  assert.match(first.child.output(), /--- xml_curl\.conf\.xml[\s\S]*--- xml_cdr\.conf\.xml/);
  assert.match(first.child.output(), /--- event_socket\.conf\.xml[\s\S]*--- kamailio\.cfg/);
  for (const name of ['api', 'directory', 'routing', 'cdr', 'writer', 'collector', 'merger']) {
    assert.match(first.child.output(), new RegExp(`^ +${name} +ready$`, 'm'));
  }
  for (const file of ['secrets.json', 'connect.txt']) {
    assert.equal(statSync(join(dataDir, file)).mode & 0o777, 0o600, `${file} is its owner's alone`);
  }
  await switchfleet(first, 'user', 'add', '1001@example.test', '--password', 'a-phone-password');

  const postmaster = postmasterOf(dataDir);
  process.kill(first.child.pid, 'SIGINT');
  assert.equal(
    await first.child.stop('SIGINT', 40_000),
    0,
    'one keypress that arrives twice stops it cleanly',
  );
  assert.equal(existsSync(join(dataDir, 'postgres/data/postmaster.pid')), false, 'the database is stopped');
  assert.throws(() => process.kill(postmaster, 0), { code: 'ESRCH' });

  const second = await startStandalone(t, { dataDir });
  assert.deepEqual({ ...second.secrets, databaseUrl: '' }, { ...first.secrets, databaseUrl: '' });
  assert.ok(
    !second.child.output().includes(second.secrets['freeswitchPassword'] ?? ''),
    'secrets are printed once',
  );
  const client = new pg.Client({ connectionString: second.databaseUrl });
  await client.connect();
  const { rows } = await client.query('SELECT ha1 FROM users').finally(() => client.end());
  assert.equal(rows.length, 1);
  assert.notEqual(rows[0].ha1, 'a-phone-password');
});

test('Ctrl-C in the middle of a start ends it at its next step: not ready, no error, no database left', async (t) => {
  const dataDir = makeDataDirectory(t);
  // The start reads its secrets when its database works, and waits at this pipe until somebody writes into it.
  const pipe = join(dataDir, 'secrets.json');
  execFileSync('mkfifo', ['-m', '600', pipe]);
  const child = launchStandalone(t, { dataDir });
  const secrets = await openPipe(pipe);
  const postmaster = postmasterOf(dataDir);
  process.kill(child.pid, 'SIGINT');
  await secrets.writeFile(JSON.stringify(MADE_SECRETS));
  await secrets.close();
  assert.equal(await child.ended(60_000), 0, child.output());
  assert.equal(child.output(), '');
  assert.equal(existsSync(join(dataDir, 'connect.txt')), false, 'nobody has seen its lines');
  assert.throws(() => process.kill(postmaster, 0), { code: 'ESRCH' });
});

test('a start while another runs says so, names it, and leaves it alone', async (t) => {
  const dataDir = makeDataDirectory(t);
  const running = await startStandalone(t, { dataDir });
  const { code, lines } = await failedStart(dataDir, {});
  assert.equal(code, 1);
  assert.equal(lines.length, 1, lines.join('\n'));
  assert.match(lines[0] ?? '', new RegExp(`already.*${running.child.pid}.*already-running`));
  const health = await fetch(new URL('/health/ready', running.apiUrl), {
    signal: AbortSignal.timeout(5_000),
  });
  assert.equal(health.status, 200);
});

test('a malformed variable, a port in use and an unreachable database are one line each', async (t) => {
  const dataDir = makeDataDirectory(t);
  await oneLine(failedStart(dataDir, { CDR_PORT: 'eighty' }), /CDR_PORT.*config-invalid/);
  await oneLine(failedStart(dataDir, { KAFKA_BROKER: 'x:9092' }), /KAFKA_BROKER .*config-unknown/);
  const port = await takenPort(t);
  await oneLine(failedStart(dataDir, { CDR_PORT: String(port) }), new RegExp(`${port}.*port-in-use`));
  if (existsSync('/proc'))
    await oneLine(
      failedStart('/proc/switchfleet', {}),
      /cannot take \/proc\/switchfleet.*ENOENT.*lock-failed/,
    );
  const nowhere = `postgres://u:hunter2@127.0.0.1:${await closedPort()}/x`;
  const { line } = await oneLine(failedStart(dataDir, { DATABASE_URL: nowhere }), /database-unavailable/);
  assert.ok(!line.includes('hunter2'), 'the password is not printed');
});

test('standalone by the command, whose output nobody can keep, serves and stops all the same', async (t) => {
  if (!existsSync('/dev/full')) return t.skip('no /dev/full');
  const dataDir = makeDataDirectory(t);
  const { connectionString: DATABASE_URL } = await testDatabase(t);
  const full = openSync('/dev/full', 'w');
  t.after(() => closeSync(full));
  const child = spawn(process.execPath, ['services/cli/main.ts', 'standalone'], {
    env: { ...childEnvironment(), ...FREE_PORTS, DATA_DIR: dataDir, DATABASE_URL },
    stdio: ['ignore', full, 'inherit'],
    timeout: 90_000,
  });
  const ended = once(child, 'exit');
  await until('it has said what it is', () => existsSync(join(dataDir, 'connect.txt')), 60_000);
  await setTimeout(500);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [0, null]);
});

test('a migration that was edited after it ran stops the start and is named', async (t) => {
  const { connectionString, database } = await testDatabase(t, { migrated: false });
  const migrated = startChild({
    entry: 'services/cli/main.ts',
    args: ['migrate'],
    environment: { DATABASE_URL: connectionString },
  });
  assert.equal(await migrated.ended(60_000), 0, migrated.output());
  await database.write.query(`UPDATE schema_migrations SET sha256 = 'another' WHERE name = '0001_bus.sql'`);
  await oneLine(
    failedStart(makeDataDirectory(t), { DATABASE_URL: connectionString }),
    /0001_bus\.sql.*migration-edited/,
  );
});

function postmasterOf(dataDir: string): number {
  return Number(readFileSync(join(dataDir, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0]);
}

/** Opens a named pipe for writing as soon as somebody reads it. */
async function openPipe(path: string): Promise<FileHandle> {
  let handle: FileHandle | undefined;
  const isOpen = () =>
    open(path, constants.O_WRONLY | constants.O_NONBLOCK).then(
      (opened) => {
        handle = opened;
        return true;
      },
      () => false,
    );
  await until('the start reads its secrets', isOpen, 120_000);
  if (handle === undefined) throw new Error('opened, and yet not');
  return handle;
}

async function oneLine(start: ReturnType<typeof failedStart>, pattern: RegExp): Promise<{ line: string }> {
  const { code, lines } = await start;
  const line = lines.join('\n');
  assert.match(line, pattern);
  assert.equal(lines.length, 1, line);
  assert.equal(code, 1);
  return { line };
}

async function takenPort(t: TestContext): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as { port: number }).port;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
