import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { openDatabase } from '../../../libs/postgres/database.ts';
import type { CdrReject } from '../../../libs/records/cdr-reject.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createCheck } from '../../../services/cdr/credential.ts';
import { createCdrService } from '../../../services/cdr/service.ts';
import { xmlCdr } from '../../libs/freeswitch/cdr/xml-cdr.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../../support/until.ts';
import { createFakeBus } from './fake-bus.ts';

const SECRETS_KEY = '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff';
const NOWHERE = 'postgresql://nobody@127.0.0.1:1/none';

async function dataFolder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'switchfleet-cdr-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A cdr service in fleet mode: its bus works, its database may not. */
async function startCdr(environment: Record<string, string>) {
  const config = loadConfig({ CDR_PORT: '0', SECRETS_KEY, DATABASE_TIMEOUT_MS: '500', ...environment });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const database = openDatabase({ config, logger });
  const bus = createFakeBus();
  const clock = createClock();
  const service = createCdrService({ config, clock, logger, metrics: createMetrics('cdr'), bus, database });
  await service.start();
  const post = async (username: string, password: string, switchname = 'fs01') => {
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const body = xmlCdr({ uuid: 'leg-1' }).replace('fs01', switchname);
    const response = await fetch(`http://127.0.0.1:${service.port}/cdr`, {
      method: 'POST',
      headers: { authorization },
      body,
    });
    await response.arrayBuffer();
    return response.status;
  };
  const stop = async () => {
    await service.stop();
    await database.stop();
  };
  return { bus, post, stop };
}

/** A database with node fs01, whose password is `own`. */
async function databaseWithNode(t: TestContext): Promise<string> {
  const { connectionString, database } = await testDatabase(t);
  await database.write.query(
    `insert into nodes (switchname, esl_host, esl_port, esl_password_encrypted, http_password_hash)
     values ('fs01', '127.0.0.1', 8021, 'x', $1)`,
    [createHash('sha256').update('own').digest('hex')],
  );
  return connectionString;
}

test('a node posts with its own credential, for itself only', async (t) => {
  const { bus, post, stop } = await startCdr({
    DATABASE_URL: await databaseWithNode(t),
    DATA_DIR: await dataFolder(t),
  });
  t.after(stop);
  await until('the nodes are read', async () => (await post('fs01', 'own')) === 200);
  bus.published.length = 0;
  assert.deepEqual(
    [
      await post('FS01', 'own'),
      await post('fs01', 'wrong'),
      await post('fs02', 'own'),
      await post('fs01', ''),
    ],
    [200, 401, 401, 401],
  );
  assert.deepEqual(
    bus.published.map(({ topic }) => topic),
    [TOPICS.cdrs],
  );
  bus.published.length = 0;
  assert.equal(
    await post('fs01', 'own', 'fs02'),
    200,
    'what it says of another node is durable, and set aside',
  );
  const [{ topic, record } = assert.fail()] = bus.published;
  const { reason, node } = record.value as CdrReject;
  assert.deepEqual([topic, reason, node], [TOPICS.cdrRejects, 'cdr-foreign-node', 'fs01']);
});

test('without the database the nodes come from disk; without both nobody is called wrong, and the shared credential works', async (t) => {
  const DATA_DIR = await dataFolder(t);
  const first = await startCdr({ DATABASE_URL: NOWHERE, DATA_DIR, FREESWITCH_PASSWORD: 'shared' });
  assert.deepEqual([await first.post('freeswitch', 'shared'), await first.post('fs01', 'own')], [200, 503]);
  await first.stop();
  const known = await startCdr({
    DATABASE_URL: await databaseWithNode(t),
    DATA_DIR,
    SNAPSHOT_INTERVAL_MS: '1000',
  });
  await until('the nodes are read', async () => (await known.post('fs01', 'own')) === 200);
  await until('the copy is written', () => existsSync(join(DATA_DIR, 'snapshots', 'cdr.snapshot')), 20_000);
  await known.stop();
  const later = await startCdr({ DATABASE_URL: NOWHERE, DATA_DIR });
  t.after(later.stop);
  await until('the copy is read', async () => (await later.post('fs01', 'own')) === 200);
  assert.equal(await later.post('fs01', 'wrong'), 401);
});

test('there is no cdr service without any credential', () => {
  assert.throws(() => createCheck(loadConfig({}), undefined), { code: 'credential-missing' });
});
