import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { loadConfig } from '../../../libs/config/config.ts';
import { checkDatabase, openDatabase } from '../../../libs/postgres/database.ts';
import { identify } from '../../../libs/postgres/embedded/process-identity.ts';
import { startEmbeddedServer } from '../../../libs/postgres/embedded-server.ts';
import { createListener } from '../../../libs/postgres/listen.ts';
import { type Authority, createAuthority, type Issued } from '../../support/certificates.ts';
import { until } from '../bus/recorder.ts';
import { createTestLog } from './logger.ts';

const PROGRAM = fileURLToPath(new URL('./embedded-process.ts', import.meta.url));
const { logger } = createTestLog();

/** A fresh folder; 0700 as mkdtemp makes it, so that under root the server's user cannot enter it by itself. */
async function folder(t: TestContext, mode = 0o700): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'switchfleet-embedded-'));
  await chmod(parent, mode);
  // Hooks run in the order they were set, and none runs after one that failed: the server that still lives here is stopped
  // by a later one, and would keep the process up for ever.
  t.after(() =>
    rm(parent, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }).catch((error: Error) =>
      t.diagnostic(`${parent} is left: ${error.message}`),
    ),
  );
  return join(parent, 'data');
}

async function query<R extends object>(connectionString: string, sql: string): Promise<R[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}

interface Started {
  child: ChildProcess;
  connectionString: string;
  pid: number;
  wasOrphaned: boolean;
}

async function startProcess(dataDirectory: string): Promise<Started> {
  // A process group of its own: what a terminal's Ctrl-C reaches.
  const child = fork(PROGRAM, [dataDirectory], { detached: true });
  const [message] = (await once(child, 'message')) as [Omit<Started, 'child'>];
  return { child, ...message };
}

/** A zombie, which nobody has waited for yet, is not alive. */
async function isAlive(pid: number): Promise<boolean> {
  return (await identify(pid)) !== undefined;
}

for (const [what, mode] of [
  ['an open folder', 0o755],
  ['a folder that only we can enter', 0o700],
] as const) {
  test(`keeps its data, port and password over restarts, in ${what}`, { timeout: 120_000 }, async (t) => {
    const dataDirectory = await folder(t, mode);
    const first = await startEmbeddedServer({ dataDirectory, logger });
    await query(first.connectionString, 'create table kept as select 42 as n');
    const addresses = await query<{ setting: string }>(
      first.connectionString,
      `select setting from pg_settings where name in ('listen_addresses', 'unix_socket_directories') order by name`,
    );
    assert.deepEqual(addresses, [{ setting: '127.0.0.1' }, { setting: '' }]);
    await first.stop();
    assert.equal(await first.ended, undefined);
    assert.equal(await isAlive(first.pid), false);
    const second = await startEmbeddedServer({ dataDirectory, logger });
    t.after(() => second.stop());
    assert.equal(second.connectionString, first.connectionString);
    assert.equal(second.wasOrphaned, false);
    assert.deepEqual(await query(second.connectionString, 'select n from kept'), [{ n: 42 }]);
    assert.equal((await stat(join(dataDirectory, 'postgres.password'))).mode & 0o777, 0o600);
    assert.equal((await stat(join(dataDirectory, '..'))).mode & 0o777, mode, 'the folder above is as it was');
  });
}

test('a wrong password does not open it; over TLS it opens to who trusts its authority, finds its name and shows the certificate of today', {
  timeout: 120_000,
}, async (t) => {
  const dataDirectory = await folder(t);
  const server = await startEmbeddedServer({ dataDirectory, logger });
  t.after(() => server.stop());
  const url = new URL(server.connectionString);
  url.password = 'wrong';
  await assert.rejects(query(url.href, 'select 1'), { code: '28P01' });

  const authority = createAuthority(t);
  await serveTls(server.connectionString, authority.issue('database'));
  const secured = (sslrootcert: string) => {
    const address = new URL(server.connectionString);
    address.search = String(new URLSearchParams({ sslmode: 'verify-full', sslrootcert }));
    return address.href;
  };
  const ask = async (connectionString: string) => {
    const config = loadConfig({ DATABASE_URL: connectionString, DATABASE_TIMEOUT_MS: '5000' });
    const database = openDatabase({ config, logger });
    try {
      await checkDatabase(database);
      const { rows } = await database.write.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
      return rows[0].ssl;
    } finally {
      await database.stop();
    }
  };
  assert.equal(await ask(secured(authority.certificate)), true);
  const heard = await listenOnce(secured(authority.certificate));
  assert.equal(heard, 'hello', 'the listener as well');
  const stranger = createAuthority(t).certificate;
  await assert.rejects(ask(secured(stranger)), { code: 'database-unavailable', message: /certificate/ });
  await serveTls(server.connectionString, authority.issue('elsewhere', { isLocal: false }));
  await until(
    () =>
      ask(secured(authority.certificate)).then(
        () => false,
        (error: Error) => /altnames/.test(error.message),
      ),
    'who has another name is not spoken to',
  );

  await serveTls(server.connectionString, authority.issue('database'));
  await takeClientsOf(server.connectionString, authority);
  const address = new URL(secured(authority.certificate));
  const files = { sslcert: join(authority.folder, 'mine.crt'), sslkey: join(authority.folder, 'mine.key') };
  for (const [name, file] of Object.entries(files)) address.searchParams.set(name, file);
  await useCertificate(files, authority.issue('switchfleet'));
  const config = loadConfig({ DATABASE_URL: address.href, DATABASE_TIMEOUT_MS: '5000' });
  const database = openDatabase({ config, logger });
  t.after(() => database.stop());
  const serial = async () => {
    const { rows } = await database.write.query(
      'select client_serial::text as serial from pg_stat_ssl where pid = pg_backend_pid()',
    );
    return rows[0].serial;
  };
  const before = await serial();
  const next = createAuthority(t);
  await takeClientsOf(server.connectionString, next);
  await useCertificate(files, next.issue('switchfleet'));
  await query(
    server.connectionString,
    'select pg_terminate_backend(pid) from pg_stat_ssl where client_serial is not null',
  );
  await until(
    () =>
      serial().then(
        (now) => now !== before,
        () => false,
      ),
    'the same pool comes in with the certificate of another authority',
  );
});

/** Puts a certificate where a running process has its own. */
async function useCertificate(
  { sslcert, sslkey }: { sslcert: string; sslkey: string },
  { certificate, key }: Issued,
): Promise<void> {
  await writeFile(sslcert, await readFile(certificate));
  await writeFile(sslkey, await readFile(key), { mode: 0o600 });
}

/** From now on who comes over TLS shows a certificate of this authority. */
async function takeClientsOf(connectionString: string, { certificate }: Authority): Promise<void> {
  const [{ folder: place, rules }] = (await query<{ folder: string; rules: string }>(
    connectionString,
    `select current_setting('data_directory') as folder, current_setting('hba_file') as rules`,
  )) as [{ folder: string; rules: string }];
  await writeFile(join(place, 'clients.crt'), await readFile(certificate), { mode: 0o644 });
  const written = (await readFile(rules, 'utf8')).replace(/^hostssl .*\n/gm, '');
  await writeFile(rules, `hostssl all all 127.0.0.1/32 scram-sha-256 clientcert=verify-ca\n${written}`);
  await query(connectionString, `alter system set ssl_ca_file = 'clients.crt'`);
  await query(connectionString, 'select pg_reload_conf()');
  await until(async () => {
    const [row] = await query<{ ssl_ca_file: string }>(connectionString, 'show ssl_ca_file');
    return row?.ssl_ca_file === 'clients.crt';
  }, 'the server has read its authority of clients');
}

/** The server reads its files itself, so they are written by it. */
async function serveTls(connectionString: string, { certificate, key }: Issued): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ folder: string }>(
      `select current_setting('data_directory') as folder`,
    );
    const place = rows[0]?.folder ?? '';
    for (const [name, from] of [
      ['server.crt', certificate],
      ['server.key', key],
    ] as const) {
      const path = join(place, name);
      const { uid, gid } = await stat(place);
      await writeFile(path, await readFile(from), { mode: 0o600 });
      await chown(path, uid, gid);
    }
    await client.query(`alter system set ssl = on`);
    await client.query('select pg_reload_conf()');
    await until(async () => {
      const found = await client.query<{ ssl: string }>('show ssl');
      return found.rows[0]?.ssl === 'on';
    }, 'the server has read its certificate');
  } finally {
    await client.end();
  }
}

async function listenOnce(connectionString: string): Promise<string> {
  let tell: (payload: string) => void = () => undefined;
  const heard = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const listener = createListener({
    connectionString,
    channels: ['greetings'],
    onNotify: (_channel, payload) => tell(payload),
    logger,
  });
  try {
    await listener.ready;
    await query(connectionString, `notify greetings, 'hello'`);
    return await heard;
  } finally {
    await listener.stop();
  }
}

test('a folder whose database is away is left as it is: no empty one takes its place, and its password stays', async (t) => {
  const dataDirectory = await folder(t);
  const data = join(dataDirectory, 'postgres/data');
  const password = join(dataDirectory, 'postgres.password');
  await mkdir(data, { recursive: true });
  await writeFile(password, 'opens-it\n');
  const refused = async (message: RegExp) => {
    await assert.rejects(startEmbeddedServer({ dataDirectory, logger }), {
      code: 'database-missing',
      message,
    });
    assert.equal(await readFile(password, 'utf8'), 'opens-it\n');
    assert.ok(!(await readdir(dataDirectory)).includes('standalone.lock'));
  };
  // its volume is not mounted
  await writeFile(join(dataDirectory, 'postgres.port'), '5432\n');
  await refused(/mount its volume.*remove .*postgres\.port/);
  // a copy of a backup broke off
  await rm(join(dataDirectory, 'postgres.port'));
  await mkdir(join(data, 'base'));
  await refused(/restore it from a backup/);
  assert.deepEqual(await readdir(data), ['base']);
});

test('a second start on the same folder says who runs already', { timeout: 120_000 }, async (t) => {
  const dataDirectory = await folder(t);
  const running = await startProcess(dataDirectory);
  const pid = running.child.pid;
  const second = startEmbeddedServer({ dataDirectory, logger });
  await assert.rejects(second, (error: Error & { code?: string; details?: unknown }) => {
    assert.equal(error.code, 'already-running');
    assert.match(error.message, new RegExp(`process ${pid}$`));
    assert.deepEqual((error.details as { pid: number }).pid, pid);
    return true;
  });
  assert.deepEqual(await query(running.connectionString, 'select 1 as n'), [{ n: 1 }]);
  running.child.kill('SIGINT');
  await once(running.child, 'exit');
});

test('what kill -9 left behind is stopped and recovered', { timeout: 120_000 }, async (t) => {
  const dataDirectory = await folder(t);
  const killed = await startProcess(dataDirectory);
  await query(killed.connectionString, 'create table kept as select 1 as n');
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  assert.equal(await isAlive(killed.pid), true, 'PostgreSQL outlived its process');
  const next = await startEmbeddedServer({ dataDirectory, logger });
  t.after(() => next.stop());
  assert.equal(next.wasOrphaned, true);
  assert.equal(await isAlive(killed.pid), false);
  assert.deepEqual(await query(next.connectionString, 'select n from kept'), [{ n: 1 }]);
});

test('Ctrl-C leaves the database up until we have drained, and a crash takes it along', {
  timeout: 120_000,
}, async (t) => {
  const dataDirectory = await folder(t);
  const first = await startProcess(dataDirectory);
  process.kill(-(first.child.pid ?? assert.fail()), 'SIGINT');
  const [code] = await once(first.child, 'exit');
  assert.equal(code, 0);
  const second = await startProcess(dataDirectory);
  assert.deepEqual(await query(second.connectionString, 'select count(*)::int as n from drained'), [
    { n: 0 },
  ]);
  second.child.send('exit');
  await once(second.child, 'exit');
  await until(
    async () => !(await isAlive(second.pid)),
    'PostgreSQL ends with a process that exits without stopping it',
  );
});

test('a stale pid file that names another process is not obeyed', { timeout: 120_000 }, async (t) => {
  const dataDirectory = await folder(t);
  const first = await startEmbeddedServer({ dataDirectory, logger });
  await first.stop();
  const bystander = fork(fileURLToPath(new URL('./bystander-process.ts', import.meta.url)));
  t.after(() => bystander.kill('SIGKILL'));
  await once(bystander, 'message');
  const pidFile = join(dataDirectory, 'postgres', 'data', 'postmaster.pid');
  await writeFile(pidFile, `${bystander.pid}\n/nowhere\n1\n1\n\n127.0.0.1\n0 0\nready\n`);
  const second = await startEmbeddedServer({ dataDirectory, logger });
  t.after(() => second.stop());
  assert.equal(second.wasOrphaned, false);
  assert.equal(await isAlive(bystander.pid ?? 0), true);
});

test('a lock of a process that is gone, or of a later one with its number, is taken over', {
  timeout: 120_000,
}, async (t) => {
  const dataDirectory = await folder(t);
  await mkdir(dataDirectory);
  const lock = join(dataDirectory, 'standalone.lock');
  await writeFile(lock, JSON.stringify({ pid: process.pid, startedAt: 'another time', token: 'x' }));
  const server = await startEmbeddedServer({ dataDirectory, logger });
  assert.equal((JSON.parse(await readFile(lock, 'utf8')) as { pid: number }).pid, process.pid);
  await server.stop();
  const left = await readdir(dataDirectory);
  assert.deepEqual(left.toSorted(), ['postgres', 'postgres.password', 'postgres.port']);
});

test('a server that dies says so, with its last words', { timeout: 120_000 }, async (t) => {
  const server = await startEmbeddedServer({ dataDirectory: await folder(t), logger });
  t.after(() => server.stop());
  process.kill(server.pid, 'SIGQUIT');
  const error = await server.ended;
  assert.equal(error?.code, 'database-ended');
  assert.match(error?.message ?? '', /immediate shutdown/);
});

test('a setting that PostgreSQL refuses fails the start with its reason, and frees the folder', {
  timeout: 120_000,
}, async (t) => {
  const dataDirectory = await folder(t);
  const settings = { shared_buffers: 'plenty' };
  const start = startEmbeddedServer({ dataDirectory, logger, settings });
  await assert.rejects(start, { code: 'database-start-failed', message: /shared_buffers/ });
  const server = await startEmbeddedServer({ dataDirectory, logger });
  await server.stop();
});
