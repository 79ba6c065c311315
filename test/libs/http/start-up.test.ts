import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { createStartUp } from '../../../libs/http/start-up.ts';
import { databaseUnavailable } from '../../../libs/postgres/database.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { freePort } from '../../support/stack/free-port.ts';
import { until } from '../../support/until.ts';

async function begin(t: TestContext) {
  const port = await freePort();
  const stopping = new AbortController();
  const startUp = createStartUp({
    service: 'writer',
    port,
    config: loadConfig({}),
    clock: createClock({ rate: 100 }),
    logger: createLogger({ service: 'writer', level: 'silent' }),
    signal: stopping.signal,
  });
  t.after(() => {
    stopping.abort();
    return startUp.end();
  });
  return {
    startUp,
    stopping,
    ask: (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init),
  };
}

const away = new CodedError('bus-unavailable', 'Kafka did not answer: list topics', {
  cause: new Error('connect ECONNREFUSED 10.20.30.40:9092'),
});

test('while a step waits the port says alive, not ready and why; then the step goes on and the port is free', async (t) => {
  const { startUp, ask } = await begin(t);
  let isAway = true;
  let attempts = 0;
  const opening = startUp.until(async () => {
    attempts += 1;
    if (isAway) throw away;
    return 'open';
  });
  await until('somebody listens', () =>
    ask('/health/live').then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  const ready = await ask('/health/ready');
  assert.equal(ready.status, 503);
  assert.deepEqual(await ready.json(), { ready: false, reasons: [away.message] });
  assert.match(await (await ask('/metrics')).text(), /switchfleet_ready\{service="writer"\} 0/);
  const post = await ask('/cdr?uuid=a_1', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'cdr=x',
  });
  assert.equal(post.status, 503);
  const problem = await post.text();
  assert.equal((JSON.parse(problem) as { code: string }).code, 'starting');
  assert.doesNotMatch(problem, /10\.20\.30\.40/, 'addresses are for the log');
  assert.ok(post.headers.get('retry-after'));
  const before = attempts;
  await until('it is tried again', () => attempts > before + 1);
  isAway = false;
  assert.equal(await opening, 'open');
  await startUp.end();
  await assert.rejects(ask('/health/live'));
});

test('where the database is that a step waits for is not told either', async (t) => {
  const { startUp, ask } = await begin(t);
  const where = 'postgres://fleet:secret@10.20.30.40:5432/fleet';
  const opening = startUp.until(async () => {
    throw databaseUnavailable(new Error('connect ECONNREFUSED 10.20.30.40:5432'), where);
  });
  opening.catch(() => undefined);
  let said: { ready: boolean; reasons: string[] } | undefined;
  await until('it says why', async () => {
    said = await ask('/health/ready').then(
      async (answer) => (await answer.json()) as typeof said,
      () => undefined,
    );
    return said !== undefined && !said.reasons.includes('starting');
  });
  assert.deepEqual(said, { ready: false, reasons: ['the database cannot be used'] });
});

test('a step that hangs is asked about, too, and ends with the process', async (t) => {
  const { startUp, stopping, ask } = await begin(t);
  const hanging = startUp.until(() => new Promise<never>(() => undefined));
  await until('somebody listens', () =>
    ask('/health/live').then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  stopping.abort();
  await assert.rejects(hanging, (error) => error === stopping.signal.reason);
});

test('what does not pass by itself ends the start', async (t) => {
  const { startUp } = await begin(t);
  const failing = startUp.until(async () => {
    throw new CodedError('kafka-tls-unusable', 'no such file');
  });
  await assert.rejects(failing, { code: 'kafka-tls-unusable' });
});

test('a port that another program has ends the start', async (t) => {
  const { startUp, ask } = await begin(t);
  const first = startUp.until(async () => {
    throw away;
  });
  first.catch(() => undefined);
  await until('somebody listens', () =>
    ask('/health/live').then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  const port = Number(new URL((await ask('/health/live')).url).port);
  const second = createStartUp({
    service: 'writer',
    port,
    config: loadConfig({}),
    clock: createClock(),
    logger: createLogger({ service: 'writer', level: 'silent' }),
    signal: new AbortController().signal,
  });
  await assert.rejects(
    second.until(async () => {
      throw away;
    }),
    { code: 'port-in-use' },
  );
});
