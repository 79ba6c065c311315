import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { DEFAULT_KEPT_VARIABLES, keptVariables } from '../../../libs/freeswitch/cdr/kept-variables.ts';
import { type Outgoing, type PostedCdr, toOutgoing } from '../../../libs/freeswitch/cdr/posted-cdr.ts';
import type { CdrReject } from '../../../libs/records/cdr-reject.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createParser } from '../../../services/cdr/parser.ts';
import { fastestMs } from '../../support/fastest.ts';
import { recordedPosts, spoolFiles } from '../../support/recorded-cdrs.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
/** More than go to the thread in one piece. */
const TOGETHER = 40;
const READY = "import { parentPort } from 'node:worker_threads'; parentPort.postMessage({ ready: true });";
const POST = { contentType: 'text/xml', sourceIp: '192.0.2.11', receivedUs: 1_790_000_000_000_000 };

/** A parser that works, whose thread is of this text where one is given. */
async function startParser(t: TestContext, entry?: string) {
  const parser = createParser({
    variables: DEFAULT_KEPT_VARIABLES,
    logger,
    ...(entry && { entry: new URL(`data:text/javascript,${encodeURIComponent(entry)}`) }),
  });
  t.after(() => parser.stop());
  await parser.start();
  return parser;
}

function post(body: Buffer | string, more: Partial<PostedCdr> = {}): PostedCdr {
  return { ...POST, body: Buffer.from(body), url: '/cdr', node: undefined, ...more };
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('the thread reads every recorded post, and what is none, as this one does', async (t) => {
  const parser = await startParser(t);
  const keepVariable = keptVariables(DEFAULT_KEPT_VARIABLES);
  const posts = [
    ...[...recordedPosts(), ...spoolFiles()].flatMap(({ body, url }) => [
      post(body, { url }),
      post(body, { url, node: 'another' }),
    ]),
    post(''),
    post('cdr=%3Ccdr>'),
    post(Buffer.from([0, 255, 10]), { url: '/cdr?uuid=leg-7' }),
  ];
  const read: Outgoing[] = [];
  for (let at = 0; at < posts.length; at += TOGETHER)
    read.push(...(await Promise.all(posts.slice(at, at + TOGETHER).map((one) => parser.read(one)))));
  const here = posts.map((one) => toOutgoing(one, keepVariable));
  assert.deepEqual(read.map(asJson), here.map(asJson));
  const reasons = new Set(here.map(({ reason }) => reason));
  assert.ok(reasons.has(undefined) && reasons.has('cdr-foreign-node') && reasons.has('cdr-empty'));
});

test('the thread has room for new objects from its beginning', async (t) => {
  const parser = await startParser(
    t,
    `import { getHeapSpaceStatistics } from 'node:v8'; ${READY}
    const { space_used_size, space_available_size } = getHeapSpaceStatistics().find((one) => one.space_name === 'new_space');
    const detail = String(space_used_size + space_available_size);
    parentPort.on('message', ({ batch }) =>
      parentPort.postMessage({ batch, parsed: [{ reason: 'cdr-empty', detail }], json: new ArrayBuffer(0) }));`,
  );
  const { record } = await parser.read(post('cdr'));
  const bytes = Number((record.value as CdrReject).detail);
  assert.ok(bytes > 6 * 1024 * 1024, `${bytes} bytes`);
});

test('a thread that dies, or says nothing, costs a 503 within a second', async (t) => {
  const listening = `${READY} parentPort.on('message', () => `;
  for (const thread of [`${listening} process.exit(1));`, `${listening} undefined);`]) {
    const parser = await startParser(t, thread);
    const tookMs = await fastestMs(2_000, async () => {
      // the last of them are not handed over before the first come back
      const reads = await Promise.allSettled(
        Array.from({ length: 4 * TOGETHER }, () => parser.read(post('x'))),
      );
      for (const read of reads) {
        const { statusCode, code, retryAfter } = read.status === 'rejected' ? read.reason : assert.fail();
        assert.deepEqual([statusCode, code, retryAfter], [503, 'parser-unavailable', 1]);
      }
    });
    assert.ok(tookMs < 2_000, `${tookMs} ms`);
  }
});

test('what comes while the thread is at work goes to it together, and a large post alone', async (t) => {
  const parser = await startParser(
    t,
    `${READY}
    parentPort.on('message', ({ batch, posts }) => setTimeout(() => {
      const parsed = posts.map(({ url }) => ({ reason: posts.map(({ url }) => url).join(' '), detail: '' }));
      parentPort.postMessage({ batch, parsed, json: new ArrayBuffer(0) });
    }, 50));`,
  );
  const read = async (url: string, bytes = 1) => (await parser.read(post('x'.repeat(bytes), { url }))).reason;
  const reads: Promise<string | undefined>[] = [];
  for (const url of ['/a', '/b']) {
    reads.push(read(url));
    await new Promise(setImmediate);
  }
  reads.push(read('/c'), read('/d'), read('/e', 1024 * 1024), read('/f'));
  assert.deepEqual(await Promise.all(reads), ['/a', '/b', '/c /d', '/c /d', '/e', '/f']);
});

test('after a thread that died comes another', async (t) => {
  const parser = await startParser(
    t,
    `${READY}
    parentPort.on('message', ({ batch, posts }) => {
      if (posts[0].url === '/die') process.exit(1);
      parentPort.postMessage({ batch, parsed: [{ reason: 'told', detail: '' }], json: new ArrayBuffer(0) });
    });`,
  );
  await assert.rejects(parser.read(post('x', { url: '/die' })), { code: 'parser-unavailable' });
  const deadline = performance.now() + 10_000;
  let reason: string | undefined;
  while (reason === undefined && performance.now() < deadline)
    reason = (await parser.read(post('x')).catch(() => undefined))?.reason;
  assert.equal(reason, 'told');
});

test('a parser that stopped takes nothing more', async (t) => {
  const parser = await startParser(t);
  await parser.stop();
  await assert.rejects(parser.read(post('x')), { code: 'parser-unavailable' });
});
