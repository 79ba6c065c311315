import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { addDid } from '../../../libs/provisioning/dids.ts';
import { addUser } from '../../../libs/provisioning/users.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createRoutingService } from '../../../services/routing/service.ts';
import { provisionedDatabase } from '../../support/directory/provisioned.ts';
import { until } from '../../support/until.ts';

const NUMBER = '+442071838750';

async function startRouting(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'switchfleet-routing-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const { config, pool, database, defer } = await provisionedDatabase(t, { DATA_DIR: directory });
  await pool.query(`insert into tenants (name) values ('other')`);
  await addUser(pool, { user: '1001', domain: 'lab.test', password: '1234' });
  await addUser(pool, { user: '1001', domain: 'other.test', tenant: 'other', password: '1234' });
  await pool.query(`update domains set country = 'GB' where name = 'lab.test'`);
  await addDid(pool, { number: NUMBER, domain: 'lab.test', destination: '1001', destType: 'extension' });
  const service = createRoutingService({
    config,
    database,
    clock: createClock(),
    logger: createLogger({ service: 'routing', level: 'silent' }),
    metrics: createMetrics('routing'),
  });
  defer(() => service.stop());
  await service.start();
  return { pool, ask: asker(`http://127.0.0.1:${service.port}`) };
}

/** Asks as Kamailio does: what it reads is the first line of the body. */
function asker(base: string) {
  return async (path: string, options: RequestInit = {}) => {
    const headers = { authorization: `Basic ${btoa('kamailio:secret')}`, ...options.headers };
    const answer = await fetch(`${base}${path}`, { ...options, headers });
    const [line = '', ...more] = (await answer.text()).split('\n');
    assert.deepEqual(more, [], 'the answer is one line');
    return { status: answer.status, answer: JSON.parse(line) };
  };
}

test('a DID leads where it was told to, however the number is written', async (t) => {
  const { ask } = await startRouting(t);
  const paths = [
    `/routing/did/${NUMBER}`,
    `/routing/did/${encodeURIComponent(NUMBER)}`,
    '/routing/did/442071838750',
    '/routing/did/00442071838750',
    `/routing/did/${NUMBER}?domain=lab.test`,
    '/routing/did/02071838750?domain=LAB.test',
    `/routing/did/${NUMBER}?domain=192.0.2.1`,
  ];
  for (const path of paths) {
    const { status, answer } = await ask(path);
    const { result, did, domain, tenant, dest_type, destination } = answer;
    assert.equal(status, 200, path);
    assert.deepEqual(
      { result, did, domain, tenant, dest_type, destination },
      {
        result: 'route',
        did: NUMBER,
        domain: 'lab.test',
        tenant: 'default',
        dest_type: 'extension',
        destination: '1001',
      },
      path,
    );
  }
});

test('a question may be posted too', async (t) => {
  const { ask } = await startRouting(t);
  const form = { method: 'POST', body: new URLSearchParams({ domain: 'lab.test' }) };
  assert.equal((await ask('/routing/did/02071838750', form)).answer.result, 'route');
});

test('unknown numbers and those of another tenant are the same definite no, with status 200', async (t) => {
  const { ask } = await startRouting(t);
  const paths = [
    '/routing/did/+15550100',
    '/routing/did/anonymous',
    `/routing/did/${NUMBER}?domain=other.test`,
  ];
  for (const path of paths) {
    const { status, answer } = await ask(path);
    assert.equal(status, 200, path);
    assert.equal(answer.result, 'reject', path);
    assert.equal(answer.code, 404, path);
  }
});

test('a change is answered within a second, and known numbers outlive the database', async (t) => {
  const { ask, pool } = await startRouting(t);
  await pool.query(`update did_routing set destination = '1002'`);
  const destination = async () => (await ask(`/routing/did/${NUMBER}`)).answer.destination;
  await until('the new destination is answered', async () => (await destination()) === '1002', 1_000);
  await pool.query('alter table config_change_floor rename to config_change_floor_away');
  const isFresh = async () => (await ask('/health/ready')).answer.details.snapshot.is_fresh;
  await until('the snapshot is known to be old', async () => (await isFresh()) === false, 5_000);
  assert.equal(await destination(), '1002');
  assert.equal((await ask('/routing/did/+15550100')).answer.result, 'reject');
});

test('without credentials, or on a wrong path, nobody mistakes the answer for a no', async (t) => {
  const { ask } = await startRouting(t);
  const wrong = { headers: { authorization: `Basic ${btoa('kamailio:wrong')}` } };
  assert.equal((await ask(`/routing/did/${NUMBER}`, wrong)).status, 401);
  const missing = await ask('/routing/nothing');
  assert.deepEqual([missing.status, missing.answer.code], [404, 'no-such-path']);
});
