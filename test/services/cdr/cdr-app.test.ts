import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import type { App } from '../../../libs/http/app.ts';
import type { CdrRecord } from '../../../libs/records/cdr-record.ts';
import type { CdrReject } from '../../../libs/records/cdr-reject.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createCdrApp } from '../../../services/cdr/cdr-app.ts';
import { createCheck } from '../../../services/cdr/credential.ts';
import type { GateLimits } from '../../../services/cdr/gate.ts';
import { xmlCdr } from '../../libs/freeswitch/cdr/xml-cdr.ts';
import { fastestMs } from '../../support/fastest.ts';
import { recordedPosts, spoolFiles, uuidOf } from '../../support/recorded-cdrs.ts';
import { until } from '../../support/until.ts';
import { createFakeBus } from './fake-bus.ts';

const AUTHORIZATION = `Basic ${Buffer.from('freeswitch:secret').toString('base64')}`;

interface Sent {
  url: string;
  body: Buffer | string;
  headers: Record<string, string>;
}

interface Answer {
  statusCode: number;
  headers: IncomingHttpHeaders;
  body: string;
}

type Send = (app: App, sent: Sent) => Promise<Answer>;

const inject: Send = async (app, { url, body, headers }) => {
  const {
    statusCode,
    headers: answered,
    body: answer,
  } = await app.inject({
    method: 'POST',
    url,
    payload: body,
    headers,
  });
  return { statusCode, headers: answered as IncomingHttpHeaders, body: answer };
};

const listening = new Map<App, Promise<string>>();
after(() => Promise.all([...listening.keys()].map((app) => app.close())));

/** Over a connection of its own, as FreeSWITCH posts. */
const overSocket: Send = async (app, { url, body, headers }) => {
  if (!listening.has(app)) listening.set(app, app.listen({ port: 0, host: '127.0.0.1' }));
  await listening.get(app);
  const { port } = app.server.address() as AddressInfo;
  const length = String(Buffer.byteLength(body));
  const sent = request({
    method: 'POST',
    port,
    path: url,
    agent: false,
    headers: { ...headers, 'content-length': length },
  });
  sent.end(body);
  const [answer] = await once(sent, 'response');
  return { statusCode: answer.statusCode, headers: answer.headers, body: await text(answer) };
};

interface SetUp {
  limits?: GateLimits;
  bodyLimit?: number;
  isBusAway?: () => boolean;
}

function setUp(send: Send, { limits, bodyLimit, isBusAway }: SetUp = {}) {
  const bus = createFakeBus();
  const metrics = createMetrics('cdr');
  const config = loadConfig({
    FREESWITCH_PASSWORD: 'secret',
    ...(bodyLimit ? { CDR_BODY_LIMIT: `${bodyLimit}` } : {}),
  });
  const app = createCdrApp({
    config,
    clock: createClock({ start: 1_795_300_000_000 }),
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics,
    bus,
    check: createCheck(config, undefined),
    health: () => ({ ready: true, reasons: [] }),
    ...(limits ? { limits } : {}),
    ...(isBusAway ? { isBusAway } : {}),
  });
  const post = (url: string, body: Buffer | string, headers: Record<string, string> = {}) =>
    send(app, { url, body, headers: { authorization: AUTHORIZATION, ...headers } });
  const records = () => bus.published.map(({ record }) => record.value as CdrRecord);
  return { app, bus, metrics, post, records };
}

for (const [way, send] of [
  ['through Fastify', inject],
  ['directly', overSocket],
] as const)
  describe(`POST /cdr and /json-cdr, ${way}`, () => {
    test('takes every recorded post, at its own URL, with its own or any Content-Type', async () => {
      const { post, bus } = setUp(send);
      for (const recorded of [...recordedPosts(), ...spoolFiles()]) {
        for (const type of [
          recorded.contentType,
          'application/x-www-form-urlencoded',
          'application/json',
          'none',
          '',
        ]) {
          bus.published.length = 0;
          const { statusCode } = await post(
            recorded.url,
            recorded.body,
            type === '' ? {} : { 'content-type': type },
          );
          assert.equal(statusCode, 200, recorded.name);
          const [{ topic, record } = assert.fail()] = bus.published;
          assert.deepEqual([topic, record.key], [TOPICS.cdrs, uuidOf(recorded)], recorded.name);
        }
      }
    });

    test('takes the paths that FreeSWITCH makes of its URLs', async () => {
      const { post, bus } = setUp(send);
      for (const url of [
        '/cdr',
        '/cdr&uuid=a_leg-1',
        '/cdr2?key=abc&uuid=leg-1',
        '/cdr/fs01',
        '/json-cdr',
        '/json-cdr&uuid=x',
      ]) {
        assert.equal((await post(url, xmlCdr({}))).statusCode, 200, url);
      }
      assert.equal(bus.published.length, 6);
      assert.equal((await post('/other', xmlCdr({}))).statusCode, 404);
    });

    test('answers when the record is durable, and not before', async () => {
      const { post, bus } = setUp(send);
      bus.behave('wait');
      let answered = false;
      const answer = post('/cdr', xmlCdr({})).finally(() => {
        answered = true;
      });
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(answered, false);
      bus.release();
      assert.equal((await answer).statusCode, 200);
    });

    test('announces each record to the bus until it is read', async () => {
      const { post, bus } = setUp(send);
      let coming = 0;
      let announced = 0;
      const seen: number[] = [];
      bus.announce = () => {
        coming += 1;
        announced += 1;
        let isHere = false;
        return () => {
          coming -= isHere ? 0 : 1;
          isHere = true;
        };
      };
      const publish = bus.publish;
      bus.publish = (topic, records) => {
        seen.push(coming);
        return publish(topic, records);
      };
      await post('/cdr', xmlCdr({}));
      await post('/cdr', 'garbage!');
      bus.behave({ fail: 'bus-unavailable' });
      await post('/cdr', xmlCdr({}));
      assert.deepEqual([announced, seen, coming], [3, [0, 0, 0], 0]);
    });

    test('keeps what it cannot read, whole, and answers 200', async () => {
      const { post, bus } = setUp(send);
      const body = Buffer.concat([Buffer.from('cdr=%3Ccdr>'), Buffer.from([0, 255, 10])]);
      const { statusCode, body: answer } = await post('/cdr?uuid=a_leg-7', body, {
        'content-type': 'text/xml',
      });
      assert.equal(statusCode, 200);
      assert.deepEqual(JSON.parse(answer), { durable: true, uuid: 'leg-7', reject: 'cdr-truncated' });
      const [{ topic, record } = assert.fail()] = bus.published;
      const reject = record.value as CdrReject;
      assert.equal(topic, TOPICS.cdrRejects);
      assert.ok(Buffer.from(reject.body_base64, 'base64').equals(body));
      assert.deepEqual(
        {
          reason: reject.reason,
          uuid: reject.uuid,
          type: reject.content_type,
          ip: reject.source_ip,
          at: reject.received_us >= 1.7953e15,
        },
        { reason: 'cdr-truncated', uuid: 'leg-7', type: 'text/xml', ip: '127.0.0.1', at: true },
      );
    });

    test('keeps an empty post, too: FreeSWITCH would else spool it for ever', async () => {
      const { post, bus } = setUp(send);
      assert.equal((await post('/cdr', '')).statusCode, 200);
      assert.equal((bus.published[0]?.record.value as CdrReject | undefined)?.reason, 'cdr-empty');
    });

    test('lets nobody in without the credential, and reads no body of theirs', async () => {
      const { app, bus } = setUp(send);
      for (const authorization of ['', 'Basic ZnJlZXN3aXRjaDp3cm9uZw==', 'Bearer secret', 'Basic %%%']) {
        const headers = authorization === '' ? {} : { authorization };
        const { statusCode, headers: answered } = await send(app, { url: '/cdr', body: 'x', headers });
        assert.equal(statusCode, 401);
        assert.match(String(answered['www-authenticate']), /^Basic /);
      }
      assert.equal(bus.published.length, 0);
    });

    for (const code of ['bus-unavailable', 'bus-overloaded']) {
      test(`answers 503 with Retry-After when the bus says ${code}`, async () => {
        const { post, bus } = setUp(send);
        bus.behave({ fail: code });
        const { statusCode, headers, body } = await post('/cdr', xmlCdr({}));
        assert.deepEqual([statusCode, headers['retry-after'], JSON.parse(body).code], [503, '1', code]);
      });
    }

    test('answers 503 within a second when the bus does not answer at all', async () => {
      const tookMs = await fastestMs(1_000, async () => {
        const { post, bus } = setUp(send);
        bus.behave('wait');
        const { statusCode, headers } = await post('/cdr', xmlCdr({}));
        assert.deepEqual([statusCode, headers['retry-after']], [503, '1']);
        bus.release();
      });
      assert.ok(tookMs < 1_000, `${tookMs} ms`);
    });

    test('refuses a large body at once while the bus is known to be away, and takes it when it is back', async () => {
      let isAway = true;
      const { post, bus, metrics } = setUp(send, { isBusAway: () => isAway });
      const large = `{"variables":{"x":"${'y'.repeat(2 ** 20)}"}}`;
      const { statusCode, headers, body } = await post('/json-cdr', large);
      assert.deepEqual(
        [statusCode, headers['retry-after'], JSON.parse(body).code],
        [503, '1', 'bus-unavailable'],
      );
      assert.equal(bus.published.length, 0);
      assert.match(
        await metrics.metrics(),
        /cdr_posts_total\{outcome="unavailable",reason="bus-unavailable".*\} 1/,
      );
      // a small one tries: the bus may be back
      assert.equal((await post('/cdr', xmlCdr({}))).statusCode, 200);
      isAway = false;
      assert.equal((await post('/json-cdr', large)).statusCode, 200);
      assert.equal(bus.published.length, 2);
    });

    test('a large body that came while the bus went away is answered as soon as a small one', async () => {
      let asked = 0;
      const { post, bus } = setUp(send, { isBusAway: () => asked++ > 0 });
      bus.behave('wait');
      const beganMs = performance.now();
      const { statusCode } = await post('/json-cdr', `{"variables":{"x":"${'y'.repeat(8 * 2 ** 20)}"}}`);
      const tookMs = performance.now() - beganMs;
      assert.equal(statusCode, 503);
      assert.ok(tookMs < 2_000, `${tookMs} ms`);
      bus.release();
    });

    test('has room for so many posts, answers 503 to the rest, and has room again afterwards', async () => {
      const { post, bus, metrics } = setUp(send, { limits: { posts: 3, bytes: 1e9 } });
      bus.behave('wait');
      const inside = [1, 2, 3].map(() => post('/cdr', xmlCdr({})));
      await until('three posts are under way', async () =>
        /in_flight\{of="posts",service="cdr"\} 3/.test(await metrics.metrics()),
      );
      const { statusCode, headers } = await post('/cdr', xmlCdr({}));
      assert.deepEqual([statusCode, headers['retry-after']], [503, '1']);
      bus.release();
      assert.deepEqual(
        (await Promise.all(inside)).map((answer) => answer.statusCode),
        [200, 200, 200],
      );
      bus.behave('work');
      assert.equal((await post('/cdr', xmlCdr({}))).statusCode, 200);
      assert.match(await metrics.metrics(), /in_flight\{of="bytes",service="cdr"\} 0/);
    });

    test('holds the room of a record for as long as the bus does, not only until the 503', async () => {
      const { post, bus } = setUp(send, { limits: { posts: 1, bytes: 1e9 } });
      bus.behave('wait');
      assert.equal((await post('/cdr', xmlCdr({}))).statusCode, 503);
      bus.behave('work');
      assert.equal((await post('/cdr', xmlCdr({}))).statusCode, 503);
      bus.release();
      await until('the bus let go', async () => (await post('/cdr', xmlCdr({}))).statusCode === 200);
    });

    test('bounds the bytes under way, but takes one large body alone', async () => {
      const { post } = setUp(send, { limits: { posts: 10, bytes: 100 } });
      assert.equal((await post('/cdr', xmlCdr({}))).statusCode, 200);
    });

    test('refuses a body over the limit with 413', async () => {
      const { post, bus } = setUp(send, { bodyLimit: 65_536 });
      assert.equal((await post('/cdr', 'x'.repeat(65_537))).statusCode, 413);
      assert.equal(bus.published.length, 0);
    });

    test('keeps a record that is too large for the bus as a reject', async () => {
      const { post, bus, records } = setUp(send);
      const publish = bus.publish;
      bus.publish = async (topic, batch) => {
        if (topic === TOPICS.cdrs) bus.behave({ fail: 'record-too-large' });
        else bus.behave('work');
        return publish(topic, batch);
      };
      assert.equal((await post('/cdr', xmlCdr({}))).statusCode, 200);
      assert.equal((records()[0] as unknown as CdrReject).reason, 'cdr-too-large');
    });

    test('leaves with FreeSWITCH what is too large for both topics', async () => {
      const { post, bus, metrics } = setUp(send);
      bus.behave({ fail: 'record-too-large' });
      const { statusCode, headers } = await post('/cdr', xmlCdr({}));
      assert.deepEqual([statusCode, headers['retry-after']], [503, '1']);
      assert.match(
        await metrics.metrics(),
        /cdr_posts_total\{outcome="unavailable",reason="record-too-large"/,
      );
    });

    test('counts posts by outcome', async () => {
      const { post, bus, metrics } = setUp(send);
      await post('/cdr', xmlCdr({}));
      await post('/cdr', 'garbage!');
      bus.behave({ fail: 'bus-unavailable' });
      await post('/cdr', xmlCdr({}));
      const text = await metrics.metrics();
      assert.match(text, /cdr_posts_total\{outcome="accepted",reason="",service="cdr"\} 1/);
      assert.match(text, /cdr_posts_total\{outcome="rejected",reason="cdr-unrecognised",service="cdr"\} 1/);
      assert.match(text, /cdr_posts_total\{outcome="unavailable",reason="bus-unavailable",service="cdr"\} 1/);
    });
  });
