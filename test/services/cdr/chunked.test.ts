import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { listen } from '../../../libs/http/listen.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createCdrApp } from '../../../services/cdr/cdr-app.ts';
import { createCheck } from '../../../services/cdr/credential.ts';
import { xmlCdr } from '../../libs/freeswitch/cdr/xml-cdr.ts';
import { exchange, openSocket, readAnswers } from '../../support/http/raw-exchange.ts';
import { until } from '../../support/until.ts';
import { createFakeBus } from './fake-bus.ts';

const AUTHORIZATION = `Basic ${Buffer.from('freeswitch:secret').toString('base64')}`;
const HEAD = `POST /cdr HTTP/1.1\r\nHost: cdr\r\nAuthorization: ${AUTHORIZATION}\r\nTransfer-Encoding: chunked\r\n\r\n`;
const MIB = 1024 * 1024;
const END = '0\r\n\r\n';

const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;

async function startApp(t: TestContext, isBusAway = () => false) {
  const metrics = createMetrics('cdr');
  const config = loadConfig({ FREESWITCH_PASSWORD: 'secret' });
  const bus = createFakeBus();
  const app = createCdrApp({
    ...{ config, metrics, bus, isBusAway },
    clock: createClock(),
    logger: createLogger({ service: 'test', level: 'silent' }),
    check: createCheck(config, undefined),
    health: () => ({ ready: true, reasons: [] }),
  });
  t.after(() => app.close());
  const port = await listen(app, { host: '127.0.0.1', port: 0 });
  const inFlight = async (of: 'posts' | 'bytes') =>
    Number(new RegExp(`in_flight\\{of="${of}".*\\} (\\d+)`).exec(await metrics.metrics())?.[1]);
  const isEmpty = async () => (await inFlight('posts')) === 0 && (await inFlight('bytes')) === 0;
  const hasPosts = (posts: number, bytes: number) => async () =>
    (await inFlight('posts')) === posts && (await inFlight('bytes')) >= bytes;
  /** A post whose body does not end yet. */
  async function begin(...pieces: string[]) {
    const socket = await openSocket(port);
    t.after(() => socket.destroy());
    socket.on('error', () => undefined);
    const answers = readAnswers(socket, 1);
    answers.catch(() => undefined);
    socket.write(HEAD);
    for (const piece of pieces) socket.write(chunk(piece));
    return { socket, answers };
  }
  return { port, bus, metrics, begin, isEmpty, hasPosts };
}

test('many small posts in chunks are under way at once, and byte for byte what was sent', async (t) => {
  const { bus, begin, isEmpty, hasPosts } = await startApp(t);
  const documents = Array.from({ length: 100 }, (_, at) => xmlCdr({ uuid: `leg-${at}` }));
  const posts = await Promise.all(documents.map((document) => begin(document.slice(0, 100))));
  await until('all are under way', hasPosts(100, 1));
  for (const [at, { socket }] of posts.entries()) {
    // byte by byte, too
    for (const letter of documents[at]?.slice(100, 130) ?? '') socket.write(chunk(letter));
    socket.write(`${chunk(documents[at]?.slice(130) ?? '')}${END}`);
  }
  const answers = await Promise.all(posts.map((post) => post.answers));
  assert.deepEqual(
    new Set(answers.map(([answer]) => answer?.body)),
    new Set(documents.map((_, at) => `{"durable":true,"uuid":"leg-${at}","reject":null}`)),
  );
  assert.equal(bus.published.length, 100);
  await until('nothing is left of them', isEmpty);
});

test('a body that finds no more room while it comes is refused, and its room is free at once', async (t) => {
  const { begin, isEmpty, hasPosts, metrics, port } = await startApp(t);
  const large = await Promise.all([1, 2, 3].map(() => begin('x'.repeat(15 * MIB))));
  await until('three large ones are under way', hasPosts(3, 45 * MIB));
  const fourth = await begin('x'.repeat(2 * MIB));
  const [refused] = await fourth.answers;
  assert.deepEqual([refused?.status, JSON.parse(refused?.body ?? '').code], [503, 'bus-overloaded']);
  assert.ok(refused?.headers.includes('retry-after: 1'));
  assert.match(await metrics.metrics(), /cdr_posts_total\{outcome="overloaded",reason="bound".*\} 1\n/);
  const [small] = await exchange(port, `${HEAD}${chunk(xmlCdr({}))}${END}`);
  assert.equal(small?.status, 200, 'others go on');
  large[0]?.socket.resetAndDestroy();
  large[1]?.socket.destroy();
  large[2]?.socket.end();
  assert.equal((await large[2]?.answers)?.[0]?.status, 400, 'cut');
  await until('nothing is left of them', isEmpty);
});

test('a body over the limit is 413, one that is large while the bus is away 503, in chunks as well', async (t) => {
  let isAway = false;
  const { port, begin, isEmpty, bus } = await startApp(t, () => isAway);
  const tooLarge = await begin('x'.repeat(16 * MIB), 'y');
  const [refused] = await tooLarge.answers;
  assert.deepEqual([refused?.status, JSON.parse(refused?.body ?? '').code], [413, 'body-too-large']);
  isAway = true;
  const [away] = await (await begin('x'.repeat(MIB + 1))).answers;
  assert.deepEqual([away?.status, JSON.parse(away?.body ?? '').code], [503, 'bus-unavailable']);
  assert.equal((await exchange(port, `${HEAD}${chunk(xmlCdr({}))}${END}`))[0]?.status, 200, 'a small one');
  assert.equal(bus.published.length, 1);
  await until('nothing is left of them', isEmpty);
});
