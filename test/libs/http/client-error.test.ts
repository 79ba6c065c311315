import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type AppOptions, createApp, figuresOf } from '../../../libs/http/app.ts';
import { answerDirectly } from '../../../libs/http/direct-path.ts';
import { listen } from '../../../libs/http/listen.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { exchange, openSocket, type RawAnswer, readAnswers } from '../../support/http/raw-exchange.ts';
import { until } from '../../support/until.ts';

const POST = 'POST /echo HTTP/1.1\r\nHost: x\r\n';
const GOOD = `${POST}Content-Length: 2\r\n\r\nok`;

/** An app whose `/echo` Fastify answers, `/late` when the test says so, and `/direct` Node's HTTP server. */
async function startApp(t: TestContext, server: AppOptions['server'] = {}) {
  const metrics = createMetrics('test');
  const lines: string[] = [];
  const logger = createLogger({
    ...{ service: 'test', level: 'warn' },
    destination: { write: (line) => void lines.push(line) },
  });
  const app = createApp({ logger, metrics, health: () => ({ ready: true, reasons: [] }), server });
  t.after(() => app.close());
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.post('/echo', async ({ body }) => `echo ${body}`);
  const late = Promise.withResolvers<string>();
  app.get('/late', () => late.promise);
  app.post('/closed', { onRequest: async (_request, reply) => reply.code(401).send('no') }, async () => '');
  const count = figuresOf(app).counterOf('/direct', 'POST');
  const direct = { count, contentType: 'text/plain', answer: (body: string) => `direct ${body}` };
  answerDirectly(app, {
    take: ({ url }) => (url === '/direct' ? direct : undefined),
    ...{ bodyLimit: 1_000, anyType: true },
  });
  const port = await listen(app, { host: '127.0.0.1', port: 0 });
  return { app, port, metrics, lines, late };
}

function assertProblem(answer: RawAnswer | undefined, status: number, code: string, name: string): void {
  const { status: answered, headers, body } = answer ?? assert.fail(name);
  assert.equal(answered, status, `${name}: ${body}`);
  assert.deepEqual([answered, JSON.parse(body).code, JSON.parse(body).status], [status, code, status], name);
  assert.ok(headers.includes('content-type: application/problem+json; charset=utf-8'), name);
  assert.ok(headers.includes('connection: close'), name);
}

test('what cannot be read as a request is answered with a coded problem, and counted', async (t) => {
  const { port, metrics, lines } = await startApp(t);
  const chunked = `${POST}Transfer-Encoding: chunked\r\n`;
  const odd: [string, string, number, string][] = [
    ['a bad chunk', `${chunked}\r\nzz\r\n`, 400, 'request-malformed'],
    ['a length and chunks', `${chunked}Content-Length: 5\r\n\r\n0\r\n\r\n`, 400, 'request-malformed'],
    ['two lengths', `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde`, 400, 'request-malformed'],
    ['an unknown method', 'FOO / HTTP/1.1\r\nHost: x\r\n\r\n', 400, 'request-malformed'],
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'request-malformed'],
    ['large headers', `${POST}X-A: ${'a'.repeat(20_000)}\r\n\r\n`, 431, 'headers-too-large'],
    [
      'a large chunk extension',
      `${chunked}\r\n1;${'a'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`,
      413,
      'body-too-large',
    ],
    ['an expectation', `${POST}Expect: foo\r\nContent-Length: 2\r\n\r\n`, 417, 'expectation-failed'],
    ['no Host', GOOD.replace('Host: x\r\n', ''), 400, 'host-missing'],
    ['no Host, directly', GOOD.replace('Host: x\r\n', '').replace('echo', 'direct'), 400, 'host-missing'],
  ];
  for (const [name, request, status, code] of odd)
    assertProblem((await exchange(port, request))[0], status, code, name);
  const counted = await metrics.metrics();
  for (const [status, count] of Object.entries({ 400: 5, 413: 1, 417: 1, 431: 1 }))
    assert.match(
      counted,
      new RegExp(`requests_total\\{route="none",method="none",status="${status}".*\\} ${count}\n`),
    );
  assert.match(counted, /requests_total\{route="\/echo",method="POST",status="400".*\} 1\n/, 'no Host');
  assert.deepEqual(lines, [], 'a client that sends nonsense fills no log');
});

test('a body that its client cuts is answered while it listens', async (t) => {
  const { port } = await startApp(t);
  for (const path of ['/echo', '/direct']) {
    const socket = await openSocket(port);
    const answers = readAnswers(socket, 1);
    socket.end(GOOD.replace('/echo', path).slice(0, -1));
    assertProblem((await answers)[0], 400, 'request-malformed', path);
    socket.destroy();
  }
});

test('HTTP/1.0 needs no Host, and 100-continue is answered as ever', async (t) => {
  const { port } = await startApp(t);
  const [old] = await exchange(port, GOOD.replace('Host: x\r\n', '').replace('1.1', '1.0'));
  assert.deepEqual([old?.status, old?.body], [200, 'echo ok']);
  const socket = await openSocket(port);
  t.after(() => socket.destroy());
  const answers = readAnswers(socket, 1);
  const [head = '', body = ''] = GOOD.replace('Host: x', 'Host: x\r\nExpect: 100-continue').split('\r\n\r\n');
  const first = once(socket, 'data');
  socket.write(`${head}\r\n\r\n`);
  assert.match(String((await first)[0]), /^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  socket.write(body);
  assert.equal((await answers)[0]?.body, 'echo ok');
});

test('a body that stalls is answered when its time is over, and not half a minute later', async (t) => {
  const { port } = await startApp(t, {
    requestTimeout: 100,
    http: { connectionsCheckingInterval: 50 },
  });
  for (const request of [GOOD.slice(0, -1), GOOD.slice(0, -1).replace('/echo', '/direct'), 'POST /ec'])
    assertProblem((await exchange(port, request))[0], 408, 'request-timeout', request);
  const { app } = await startApp(t);
  // the later of both is the limit of a body
  assert.deepEqual([app.server.requestTimeout, app.server.headersTimeout], [30_000, 30_000]);
});

test('nothing is written where an answer has begun, or would be taken for another one', async (t) => {
  const { port, late } = await startApp(t, {
    requestTimeout: 200,
    http: { connectionsCheckingInterval: 50 },
  });
  const all = async (...sent: string[]) => {
    const socket = await openSocket(port);
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    const closed = once(socket, 'close');
    for (const part of sent) socket.write(part);
    return { text: () => text, closed };
  };
  const early = await all(`${POST.replace('/echo', '/closed')}Content-Length: 5\r\n\r\nab`);
  await early.closed;
  assert.match(early.text(), /^HTTP\/1\.1 401 (?!.*HTTP\/1\.1)/s, 'one answer only');
  const piped = await all('GET /late HTTP/1.1\r\nHost: x\r\n\r\n', 'nonsense\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(piped.text(), '', 'the first request is not answered with what was wrong with the second');
  late.resolve('at last');
  await piped.closed;
  assert.match(piped.text(), /^HTTP\/1\.1 200 (?!.*HTTP\/1\.1).*at last$/s);
});

test('a client that goes away at once breaks nothing', async (t) => {
  const { port, lines } = await startApp(t);
  for (let at = 0; at < 50; at += 1) {
    const socket = await openSocket(port);
    socket.on('error', () => undefined);
    socket.write(at % 2 ? 'nonsense\r\n\r\n' : GOOD.slice(0, -1));
    socket.resetAndDestroy();
  }
  await until('it answers', async () => (await exchange(port, GOOD))[0]?.body === 'echo ok');
  assert.deepEqual(lines, []);
});
