import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createApp } from '../../../libs/http/app.ts';
import { requireBasic, sameSecret } from '../../../libs/http/credentials.ts';
import { listen } from '../../../libs/http/listen.ts';
import { HttpError } from '../../../libs/http/problem.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { until } from '../../support/until.ts';

function makeApp(t: TestContext, lines: string[] = []) {
  const state = { ready: true, reasons: [] as string[] };
  const logger = createLogger({
    service: 'test',
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
  });
  const app = createApp({ logger, metrics: createMetrics('test'), health: () => state });
  t.after(() => app.close());
  return { app, state };
}

test('liveness is not readiness', async (t) => {
  const { app, state } = makeApp(t);
  state.ready = false;
  state.reasons.push('the bus does not answer');
  assert.equal((await app.inject('/health/live')).statusCode, 200);
  const ready = await app.inject('/health/ready');
  assert.equal(ready.statusCode, 503);
  assert.deepEqual(ready.json().reasons, ['the bus does not answer']);
});

test('an error of ours is a coded problem; one of the program is logged and not told', async (t) => {
  const lines: string[] = [];
  const { app } = makeApp(t, lines);
  app.get('/busy', async () => {
    throw new HttpError(503, 'bus-unavailable', 'try later', { retryAfter: 2 });
  });
  app.get('/broken', async () => {
    throw new Error('the password is hunter2');
  });
  const busy = await app.inject('/busy');
  assert.equal(busy.headers['retry-after'], '2');
  assert.equal(busy.json().code, 'bus-unavailable');
  const broken = await app.inject('/broken');
  assert.equal(broken.statusCode, 500);
  assert.equal(broken.json().code, 'internal-error');
  assert.ok(!broken.body.includes('hunter2'));
  assert.ok(
    lines.some((line) => line.includes('hunter2')),
    'the log has the cause',
  );
});

test('refusals of one code write one line a second, without a stack, and say how many they stand for', async (t) => {
  const lines: string[] = [];
  const { app } = makeApp(t, lines);
  app.get('/busy', async () => {
    throw new HttpError(503, 'overloaded', 'ask another', { cause: new Error('the queue is full') });
  });
  app.get('/away', async () => {
    throw new HttpError(503, 'bus-unavailable', 'try later');
  });
  const written = (code: string) => lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === code);
  for (let request = 0; request < 50; request += 1) await app.inject('/busy');
  await app.inject('/away');
  assert.equal(written('overloaded').length, 1);
  assert.equal(written('bus-unavailable').length, 1, 'each code has a line of its own');
  const [first] = written('overloaded');
  assert.deepEqual([first.url, first.reason, first.cause], ['/busy', 'ask another', 'the queue is full']);
  assert.ok(!lines.join('').includes('stack'), lines.join(''));
  await until('the next line says how many were kept back', async () => {
    await app.inject('/busy');
    return written('overloaded')[1]?.kept_back >= 49;
  });
});

test('an unknown path and bad JSON are coded problems', async (t) => {
  const { app } = makeApp(t);
  app.post('/json', async () => 'ok');
  assert.equal((await app.inject('/nowhere')).json().code, 'no-such-path');
  const bad = await app.inject({
    method: 'POST',
    url: '/json',
    headers: { 'content-type': 'application/json' },
    payload: '{"a":',
  });
  assert.equal(bad.statusCode, 400);
  assert.match(bad.headers['content-type'] as string, /problem\+json/);
});

test('only the right Basic credentials come in', async (t) => {
  const { app } = makeApp(t);
  const hook = requireBasic(
    ({ username, password }) => sameSecret(username, 'fs') && sameSecret(password, 'p:w'),
  );
  app.get('/closed', { onRequest: hook }, async () => 'in');
  const ask = (authorization?: string) =>
    app.inject({ url: '/closed', headers: authorization === undefined ? {} : { authorization } });
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  assert.equal((await ask(basic('fs:p:w'))).body, 'in');
  for (const wrong of [undefined, basic('fs:p'), basic('fs'), 'Basic !!!', 'Bearer p:w', basic('')]) {
    const answer = await ask(wrong);
    assert.equal(answer.statusCode, 401);
    assert.equal(answer.json().code, 'not-authorised');
  }
});

test('a client that never finishes its request does not keep the app from closing', {
  timeout: 20_000,
}, async (t) => {
  const { app } = makeApp(t);
  app.post('/slow', async () => 'ok');
  const port = await listen(app, { host: '127.0.0.1', port: 0 });
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  const ended = once(socket, 'close');
  socket.on('error', () => undefined).resume();
  const arrived = once(app.server, 'request');
  socket.write('POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf');
  await arrived;
  const began = performance.now();
  await app.close();
  assert.ok(performance.now() - began < 10_000, 'well below requestTimeout');
  await ended;
});

test('a port in use is said in one sentence', async (t) => {
  const { app } = makeApp(t);
  const port = await listen(app, { host: '127.0.0.1', port: 0 });
  const { app: second } = makeApp(t);
  await assert.rejects(listen(second, { host: '127.0.0.1', port }), {
    code: 'port-in-use',
    message: new RegExp(String(port)),
  });
});

test('requests are counted by route, never by URL', async (t) => {
  const { app } = makeApp(t);
  app.get('/thing/:id', async () => 'ok');
  await app.inject('/thing/1');
  await app.inject('/thing/2');
  await app.inject({ method: 'HEAD', url: '/thing/3' });
  await app.inject('/nowhere/1');
  await app.inject('/nowhere/2');
  const metrics = (await app.inject('/metrics')).body;
  const count = (route: string, method: string, status: number) =>
    new RegExp(
      `switchfleet_http_requests_total\\{route="${route}",method="${method}",status="${status}".*\\} (\\d+)`,
    ).exec(metrics)?.[1];
  assert.equal(count('/thing/:id', 'GET', 200), '2');
  assert.equal(count('/thing/:id', 'HEAD', 200), '1');
  assert.equal(count('none', 'GET', 404), '2');
  assert.match(metrics, /request_duration_seconds_count\{route="\/thing\/:id",method="GET".*\} 2/);
});
