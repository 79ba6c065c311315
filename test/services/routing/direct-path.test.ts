import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Clock, createClock } from '../../../libs/clock/clock.ts';
import { listen } from '../../../libs/http/listen.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createAccess } from '../../../services/routing/access.ts';
import { type Admission, createQueueAdmission } from '../../../services/routing/admission.ts';
import { readPlainUrl } from '../../../services/routing/plain-url.ts';
import { createRouter } from '../../../services/routing/router.ts';
import { createRoutingApp } from '../../../services/routing/routing-app.ts';
import { createRoutingMetrics } from '../../../services/routing/routing-metrics.ts';
import { exchange } from '../../support/http/raw-exchange.ts';
import { boardOf, loadOf, NOON_US, routingModelOf } from '../../support/routing/lab-fleet.ts';

const ROWS = {
  domains: [
    { domain: 'a.example', tenant: 'one' },
    { domain: 'b.example', tenant: 'two' },
  ],
  nodes: [{ key: 'fs01', sip_uri: 'sip:192.0.2.11:5060' }],
  trunks: [{ key: 'world' }],
  trunk_routing: [{ key: '', trunk: 'world' }],
  did_routing: [{ domain: 'a.example', key: '+4930100', destination: '1001' }],
  users: [{ domain: 'a.example', key: '1001' }],
};

/** Routing without a database or bus, and how many requests Fastify saw. */
async function startApp(t: TestContext, admission: Admission) {
  const model = routingModelOf(ROWS);
  const board = boardOf([loadOf('fs01')]);
  // the same moment for two questions, so that their answers are the same to the byte
  const clock: Clock = { ...createClock(), nowUs: () => NOON_US };
  const metrics = createMetrics('routing');
  const app = createRoutingApp({
    isKamailio: createAccess({ username: 'kamailio', password: 'secret' }),
    router: createRouter({ model: () => model, board, clock, correlationHeader: 'X-Call-Correlation-ID' }),
    snapshot: { state: () => state },
    admission,
    figures: createRoutingMetrics(metrics, { model: () => model, board, admission, nowUs: clock.nowUs }),
    health: () => ({ ready: true, reasons: [] }),
    logger: createLogger({ service: 'routing', level: 'silent' }),
    metrics,
  });
  const state = {
    isLoaded: true,
    isFresh: true,
    ageMs: 0,
    revision: 1,
    source: undefined,
    problem: undefined,
  };
  const seen = { byFastify: 0 };
  app.addHook('onRequest', async () => {
    seen.byFastify += 1;
  });
  t.after(() => app.close());
  t.after(() => admission.stop());
  return { state, seen, port: await listen(app, { host: '127.0.0.1', port: 0 }) };
}

const AT_ONCE: Admission = {
  refusal: () => undefined,
  turn: () => undefined,
  delayMs: 0,
  stop: async () => undefined,
};

function get(path: string, { as = 'kamailio:secret', more = '' } = {}): string {
  return `GET ${path} HTTP/1.1\r\nHost: routing\r\nAuthorization: Basic ${btoa(as)}\r\n${more}\r\n`;
}

/** Fastify takes what tells of a body. */
const DETOUR = { more: 'Content-Length: 0\r\n' };

const PATHS = [
  '/routing/did/+4930100',
  '/routing/did/%2B4930100?domain=a.example',
  '/routing/did/%2b4930100?domain=b.example',
  '/routing/did/100?domain=a.example&domain=b.example',
  '/routing/did/nobody',
  '/routing/trunk/+4940123?domain=a.example&caller=1001&call_id=x',
  '/routing/trunk/+4940123',
  '/routing/node?domain=a.example',
  '/routing/node?set=7',
  '/kamailio/route',
  '/kamailio/route?to=%2B4930100&from=sip%3A1001%40a.example&domain=a.example&call_id=x',
  '/kamailio/route?to=1001&domain=a.example&call_id=%zz&from=%C3%A9&attempted=fs01,world',
  '/kamailio/route?to=+4940123&domain=a.example&call_id=y#part?to=1',
  '/kamailio/route?&&==&to&to=1001&to=1002&__proto__=x&domain=a.example&call_id=z',
  '/routing/explain?to=1001&domain=a.example&call_id=w',
];

for (const [name, admissionOf] of [
  ['at once', () => AT_ONCE],
  ['in turn', () => createQueueAdmission(100)],
] as const) {
  test(`what is answered directly, ${name}, is what Fastify would answer, to the byte`, async (t) => {
    // one each, because a router remembers what it gave away
    const [plain, detour] = [await startApp(t, admissionOf()), await startApp(t, admissionOf())];
    for (const path of PATHS) {
      const [direct] = await exchange(plain.port, get(path));
      assert.equal(direct?.status, 200);
      assert.deepEqual(direct, (await exchange(detour.port, get(path, DETOUR)))[0], path);
    }
    assert.equal(plain.seen.byFastify, 0);
    assert.equal(detour.seen.byFastify, PATHS.length);
  });
}

test('refusals are the same both ways, and strangers never get past Fastify', async (t) => {
  const { port, seen, state } = await startApp(t, { ...AT_ONCE, refusal: () => 'overloaded' });
  for (const code of ['not-warmed-up', 'overloaded']) {
    state.isLoaded = code === 'overloaded';
    const [direct] = await exchange(port, get('/kamailio/route'));
    assert.equal(direct?.status, 503);
    assert.equal(JSON.parse(direct.body).code, code);
    assert.deepEqual(direct, (await exchange(port, get('/kamailio/route', DETOUR)))[0]);
  }
  const before = seen.byFastify;
  for (const as of ['kamailio:wrong', 'kamailio:', 'other:secret']) {
    assert.equal((await exchange(port, get('/kamailio/route', { as })))[0]?.status, 401);
  }
  assert.equal(seen.byFastify, before + 3);
});

test('a URL is read without a router only when it is plain', () => {
  const numberOf = (url: string) => readPlainUrl(url)?.number;
  assert.deepEqual(readPlainUrl('/routing/did/+49?a=b?c'), {
    route: '/routing/did/:number',
    number: '+49',
    query: 'a=b?c',
  });
  assert.equal(numberOf('/routing/did/%2B49'), '+49');
  for (const odd of ['', '%2F', '1/2', '%00', 'a%2B', '%2', '..', '1;2', '1#2', '*100', 'é']) {
    assert.equal(readPlainUrl(`/routing/did/${odd}`), undefined, odd);
  }
  assert.equal(readPlainUrl('/routing/did')?.route, '/routing/did');
});
