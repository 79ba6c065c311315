import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { openDatabase } from '../../../libs/postgres/database.ts';
import { startEmbeddedServer } from '../../../libs/postgres/embedded-server.ts';
import { migrate } from '../../../libs/postgres/migrate.ts';
import { addUser } from '../../../libs/provisioning/users.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createDirectoryService } from '../../../services/directory/service.ts';
import { readAnsweredUser } from '../../support/directory/answered-user.ts';
import { directoryForm, userFields } from '../../support/directory/lookup-body.ts';
import { SECRETS_KEY } from '../../support/directory/provisioned.ts';
import { until } from '../../support/until.ts';

const AWAY_MS = 10_000;
const WORKERS = 4;
const logger = createLogger({ service: 'test', level: 'silent' });

/** A PostgreSQL of this test's own, which it may stop. */
async function ownServer(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'switchfleet-away-'));
  const start = () => startEmbeddedServer({ dataDirectory: directory, logger });
  const running = { server: await start() };
  t.after(async () => {
    await running.server.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const { connectionString } = running.server;
  await migrate({ connectionString, directory: resolve(import.meta.dirname, '../../../migrations'), logger });
  return { directory, running, start, connectionString };
}

/** One lookup on a connection of its own, as FreeSWITCH makes it. */
function lookup(port: number, user: string): Promise<{ status: number; text: string }> {
  const body = directoryForm('lab.test', [['action', 'sip_auth'], ...userFields(user, 'lab.test')]);
  return new Promise((done, fail) => {
    const asking = request(
      {
        port,
        host: '127.0.0.1',
        path: '/freeswitch',
        method: 'POST',
        agent: false,
        auth: 'freeswitch:secret',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(body),
        },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
        });
        answer.on('end', () => done({ status: answer.statusCode ?? 0, text }));
      },
    );
    asking.on('error', fail);
    asking.end(body);
  });
}

test('PostgreSQL stops for 10 s under load: no wrong answer, no 5xx for known users', async (t) => {
  const { directory, running, start, connectionString } = await ownServer(t);
  const config = loadConfig({
    DATABASE_URL: connectionString,
    DATA_DIR: directory,
    FREESWITCH_PASSWORD: 'secret',
    SECRETS_KEY,
    DIRECTORY_PORT: '0',
  });
  const database = openDatabase({ config, logger });
  t.after(() => database.stop());
  for (const user of ['1001', '1002'])
    await addUser(database.write, { user, domain: 'lab.test', password: '12345' });
  const service = createDirectoryService({
    config,
    database,
    clock: createClock(),
    logger,
    metrics: createMetrics('directory'),
  });
  t.after(() => service.stop());
  await service.start();

  const seen = { known: 0, unknown: new Set<number>(), isOver: false };
  const worker = async () => {
    while (!seen.isOver) {
      for (const user of ['1001', '1002']) {
        const { status, text } = await lookup(service.port, user);
        assert.equal(status, 200, text);
        assert.equal(readAnsweredUser(text)?.id, user);
        seen.known += 1;
      }
      const { status } = await lookup(service.port, '1999');
      seen.unknown.add(status);
    }
  };
  const working = Promise.all(Array.from({ length: WORKERS }, worker));
  working.catch(() => undefined);
  // a snapshot that a busy machine could not look after for a second is old for a moment
  const isDefinite = async () => {
    seen.unknown.clear();
    const before = seen.known;
    await until('it is asked', () => seen.known > before + 100);
    return [...seen.unknown].join() === '200';
  };
  await until('who is unknown is told so', isDefinite);

  await running.server.stop();
  const before = seen.known;
  await sleep(AWAY_MS);
  assert(seen.known > before + 100, 'it went on answering');
  assert(seen.unknown.has(503), 'whoever is not in memory may have been added');
  running.server = await start();
  await addUser(database.write, { user: '1003', domain: 'lab.test', password: '12345' });
  await until(
    'it is fresh again',
    async () =>
      (await lookup(service.port, '1003')).status === 200 &&
      (await lookup(service.port, '1999')).status === 200,
    30_000,
  );
  seen.isOver = true;
  await working;
  assert.deepEqual([...seen.unknown].sort(), [200, 503]);
});
