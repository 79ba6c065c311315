import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type App, createApp, figuresOf } from '../../../libs/http/app.ts';
import { answerDirectly, type DirectAnswer } from '../../../libs/http/direct-path.ts';
import { listen } from '../../../libs/http/listen.ts';
import { HttpError } from '../../../libs/http/problem.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { exchange, openSocket, readAnswers } from '../../support/http/raw-exchange.ts';
import { until } from '../../support/until.ts';

const BODY_LIMIT = 1_000;

/** An app whose `/echo` is answered directly, and by Fastify otherwise. */
async function startApp(t: TestContext, answer: DirectAnswer['answer'] = (body) => `direct ${body}`) {
  const metrics = createMetrics('test');
  const lines: string[] = [];
  const logger = createLogger({
    service: 'test',
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
  });
  const app: App = createApp({ logger, metrics, health: () => ({ ready: true, reasons: [] }) });
  t.after(() => app.close());
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  const counters = new Map(
    ['GET', 'POST'].map((method) => [method, figuresOf(app).counterOf('/echo', method)]),
  );
  app.get('/echo', async () => 'fastify');
  app.post('/echo', async (request) => `fastify ${request.body}`);
  app.post('/throws', async (request) => answer(String(request.body)));
  const take = ({ url, method, headers }: IncomingMessage) => {
    const count = url === '/echo' && !('x-detour' in headers) ? counters.get(method ?? '') : undefined;
    return count && { count, contentType: 'text/plain; charset=utf-8', answer };
  };
  answerDirectly(app, { take, bodyLimit: BODY_LIMIT });
  const port = await listen(app, { host: '127.0.0.1', port: 0 });
  return { app, port, metrics, lines };
}

function post(body: string, headers: string[] = ['Content-Type: application/x-www-form-urlencoded']): string {
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return `${['POST /echo HTTP/1.1', 'Host: x', length, ...headers].join('\r\n')}\r\n\r\n${body}`;
}

const GET = 'GET /echo HTTP/1.1\r\nHost: x\r\n\r\n';

test('a usual request is answered directly, an unusual one by Fastify', async (t) => {
  const { port } = await startApp(t);
  const bodyOf = async (request: string) => (await exchange(port, request))[0]?.body;
  assert.equal(await bodyOf(GET), 'direct ');
  assert.equal(await bodyOf(post('a=1')), 'direct a=1');
  assert.equal(await bodyOf(post('a=1', ['Content-Type: text/plain'])), 'fastify a=1');
  assert.equal(
    await bodyOf(post('a=1', ['Content-Type: application/x-www-form-urlencoded; charset=utf-8'])),
    'fastify a=1',
  );
  assert.equal(await bodyOf(post('x'.repeat(BODY_LIMIT))), `direct ${'x'.repeat(BODY_LIMIT)}`);
  assert.equal(await bodyOf(post('x'.repeat(BODY_LIMIT + 1))), `fastify ${'x'.repeat(BODY_LIMIT + 1)}`);
  const chunked =
    'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
    'Transfer-Encoding: chunked\r\n\r\n3\r\na=1\r\n0\r\n\r\n';
  assert.equal(await bodyOf(chunked), 'fastify a=1');
  assert.equal(await bodyOf('GET /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'), 'fastify');
});

test('a body in pieces, also within a character, is whole; requests behind each other are answered in order', async (t) => {
  const { port } = await startApp(t);
  const head = `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 5\r\n\r\n`;
  const socket = await openSocket(port);
  t.after(() => socket.destroy());
  const answers = readAnswers(socket, 3);
  const bytes = Buffer.from(`${head}a=€${GET}${post('b=2')}`);
  for (const [from, to] of [
    [0, head.length + 3],
    [head.length + 3, head.length + 4],
    [head.length + 4, bytes.length],
  ]) {
    socket.write(bytes.subarray(from, to));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.deepEqual(
    (await answers).map(({ body }) => Buffer.from(body, 'latin1').toString()),
    ['direct a=€', 'direct ', 'direct b=2'],
  );
});

test('an error is the problem that Fastify answers, now or later', async (t) => {
  let isLater = false;
  const { app, port, lines } = await startApp(t, (body) => {
    const error =
      body === 'good'
        ? new HttpError(503, 'not-now', 'ask another one', { retryAfter: 3 })
        : new Error('the password is hunter2');
    if (isLater) return Promise.reject(error);
    throw error;
  });
  assert.equal(app.server.listenerCount('request'), 1);
  for (isLater of [false, true]) {
    const [refused] = await exchange(port, post('good'));
    assert.equal(refused?.status, 503);
    assert.equal(JSON.parse(refused.body).code, 'not-now');
    assert.deepEqual(refused, (await exchange(port, post('good').replace('/echo', '/throws')))[0]);
    const [broken] = await exchange(port, post('bad'));
    assert.equal(broken?.status, 500);
    assert(!broken.body.includes('hunter2'));
    assert.deepEqual(broken, (await exchange(port, post('bad').replace('/echo', '/throws')))[0]);
    assert.equal(lines.splice(0).filter((line) => line.includes('hunter2')).length, 2, 'both are logged');
  }
});

test('an answer that comes later is sent, and both ways are counted in one series', async (t) => {
  const { port, metrics } = await startApp(t, async (body) => `later ${body}`);
  assert.equal((await exchange(port, GET))[0]?.body, 'later ');
  assert.equal((await exchange(port, GET.replace('Host: x', 'Host: x\r\nX-Detour: 1')))[0]?.body, 'fastify');
  await until('both are counted', async () => {
    const text = await metrics.metrics();
    const route = 'route="/echo",method="GET"';
    return (
      text.includes(`switchfleet_http_requests_total{${route},status="200",service="test"} 2`) &&
      text.includes(`switchfleet_http_request_duration_seconds_count{${route},service="test"} 2`)
    );
  });
});

test('a client that goes away within its body is not answered, and costs nothing later', async (t) => {
  let answered = 0;
  const { port } = await startApp(t, () => {
    answered += 1;
    return 'direct';
  });
  const socket = await openSocket(port);
  socket.write(post('a=1').slice(0, -1));
  await new Promise((resolve) => setTimeout(resolve, 20));
  socket.destroy();
  await once(socket, 'close');
  assert.equal((await exchange(port, GET))[0]?.body, 'direct');
  assert.equal(answered, 1);
});

test('a client that goes away before its answer is ready harms nobody', async (t) => {
  const answers: ((text: string) => void)[] = [];
  const { port } = await startApp(t, (body) =>
    body === 'slow' ? new Promise((resolve) => answers.push(resolve)) : 'direct',
  );
  const socket = await openSocket(port);
  socket.write(post('slow'));
  await until('it is asked', () => answers.length === 1);
  socket.resetAndDestroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const answer of answers) answer('too late');
  for (let reset = 0; reset < 20; reset += 1) {
    const other = await openSocket(port);
    other.write(GET);
    other.resetAndDestroy();
  }
  assert.equal((await exchange(port, GET))[0]?.body, 'direct');
});

test('an app that closes refuses as Fastify does, on connections that are open', async (t) => {
  let release: (text: string) => void = () => undefined;
  const waiting = new Promise<string>((resolve) => {
    release = resolve;
  });
  const { app, port } = await startApp(t, (body) => (body === 'slow' ? waiting : 'direct'));
  const served: Socket[] = [];
  app.server.on('connection', (socket) => served.push(socket));
  const [slow, open] = [await openSocket(port), await openSocket(port)];
  const answers = [readAnswers(slow, 1), readAnswers(open, 1)];
  slow.write(post('slow'));
  open.write(GET.slice(0, -2));
  await until('both are heard', () => served.filter(({ bytesRead }) => bytesRead > 0).length === 2);
  const closed = app.close();
  open.write('\r\n');
  const [refused] = (await answers[1]) ?? [];
  assert.equal(refused?.status, 503);
  assert(refused.headers.includes('connection: close'));
  release('at last');
  const [last] = (await answers[0]) ?? [];
  assert.equal(last?.body, 'at last');
  assert(last.headers.includes('connection: close'), 'so that the closing need not wait for it');
  await closed;
});
