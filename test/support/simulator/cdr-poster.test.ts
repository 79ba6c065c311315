import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { CdrLedger } from './cdr-ledger.ts';
import { type CdrDelivery, CdrPoster } from './cdr-poster.ts';
import { EslProbe } from './esl-probe.ts';
import { startFleet } from './fleet.ts';
import { HttpSink, type Received } from './http-sink.ts';
import type { RecordedRequest } from './recorded-item.ts';
import { loadRecording } from './recording.ts';

const recording = loadRecording('run-01');
const recordedCdr = recording.items.find((item): item is RecordedRequest => item.kind === 'cdr');
assert.ok(recordedCdr);
const cdr = { ...recordedCdr, format: 'xml' as const };

async function setUp(t: TestContext, statusOf?: (request: Received) => number | 'hang') {
  const sink = await HttpSink.open(statusOf);
  const errLogDir = await mkdtemp(join(tmpdir(), 'simulator-'));
  t.after(async () => {
    sink.close();
    await rm(errLogDir, { recursive: true });
  });
  const ledger = new CdrLedger();
  const deliver = (delivery: Partial<CdrDelivery>) =>
    new CdrPoster(
      { urls: [`${sink.origin}/cdr`], errLogDir, ...delivery },
      ledger,
      createClock({ rate: 100 }),
    );
  return { sink, errLogDir, ledger, deliver };
}

test('a CDR is posted with the recorded headers in their order, on a connection that closes', async (t) => {
  const { sink, deliver } = await setUp(t);
  const poster = deliver({ credentials: { username: 'u', password: 'p' } });
  await poster.deliver(cdr);
  await poster.deliver({ ...cdr, uuid: 'other' });
  const [first, second] = sink.received;
  assert.equal(first?.url, `/cdr?uuid=a_${cdr.uuid}`);
  assert.equal(first?.body, cdr.body);
  const names = (list: readonly string[]) => list.filter((_, at) => at % 2 === 0);
  assert.deepEqual(
    names(first?.rawHeaders ?? []),
    cdr.headers.map(([name]) => name),
  );
  assert.ok(first?.rawHeaders.includes(`Basic ${Buffer.from('u:p').toString('base64')}`));
  assert.notEqual(first?.clientPort, second?.clientPort);
});

test('any 2xx is success', async (t) => {
  const { ledger, deliver } = await setUp(t, () => 204);
  assert.equal((await deliver({}).deliver(cdr)).result, 'accepted');
  assert.deepEqual(ledger.counts, { posts: 1, accepted: 1, failedAttempts: 0, spooled: 0, lost: 0 });
});

test('whatever else it is answered, it is tried 1 + retries times and then spooled without `cdr=`', async (t) => {
  for (const status of [302, 401, 404, 500, 503]) {
    const { sink, errLogDir, ledger, deliver } = await setUp(t, () => status);
    const outcome = await deliver({ retries: 2 }).deliver(cdr);
    assert.deepEqual(outcome.answers, [String(status), String(status), String(status)]);
    assert.equal(sink.received.length, 3);
    assert.equal(ledger.counts.spooled, 1);
    assert.deepEqual(await readdir(errLogDir), [`a_${cdr.uuid}.cdr.xml`]);
    const spooled = await readFile(join(errLogDir, `a_${cdr.uuid}.cdr.xml`), 'latin1');
    assert.equal(`cdr=${spooled}`, cdr.body);
  }
});

test('a failing URL is turned away from, and stays turned away from for the next CDR', async (t) => {
  const { sink, deliver } = await setUp(t, ({ url }) => (url.startsWith('/bad') ? 500 : 200));
  const poster = deliver({ urls: [`${sink.origin}/bad?x=1`, `${sink.origin}/cdr`] });
  await poster.deliver(cdr);
  await poster.deliver(cdr);
  assert.deepEqual(
    sink.received.map(({ url }) => url),
    [`/bad?x=1&uuid=a_${cdr.uuid}`, `/cdr&uuid=a_${cdr.uuid}`, `/cdr?uuid=a_${cdr.uuid}`],
  );
});

test('an answer that does not come is a failure, and so is a port where nobody listens', async (t) => {
  const { sink, deliver } = await setUp(t, () => 'hang');
  const slow = await deliver({ retries: 1, timeoutMs: 50 }).deliver(cdr);
  assert.deepEqual(slow.answers, ['TimeoutError', 'TimeoutError']);
  sink.close();
  const refused = await deliver({ retries: 0, errLogDir: undefined }).deliver(cdr);
  assert.deepEqual([refused.result, refused.answers], ['lost', ['ECONNREFUSED']]);
});

test('while the CDR of a leg is retried, its HANGUP_COMPLETE and DESTROY are withheld', async (t) => {
  const log: string[] = [];
  const { sink } = await setUp(t, ({ url }) => {
    log.push(`post ${url.slice(-36)}`);
    return log.filter((line) => line === log.at(-1)).length < 3 ? 503 : 200;
  });
  const clock = createClock({ rate: 50 });
  const fleet = await startFleet({
    recording,
    clock,
    cdr: { urls: [`${sink.origin}/cdr`], retries: 5, delayMs: 20_000 },
  });
  t.after(() => fleet.stop());
  const probe = await EslProbe.open(
    fleet.node('fs01'),
    'event json CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE CHANNEL_DESTROY',
  );
  const playing = fleet.replay();
  await probe.until(({ events }) => events.length >= 1);
  const { uuid } = cdr;
  while (log.filter((line) => line === `post ${uuid}`).length < 2)
    await new Promise((resolve) => setTimeout(resolve, 5));
  const namesOf = () =>
    probe.events
      .filter((event) => event.includes(uuid))
      .map((event) => /"Event-Name":"(\w+)"/.exec(event)?.[1]);
  assert.deepEqual(namesOf(), ['CHANNEL_HANGUP']);
  await probe.until(() => namesOf().length === 3);
  assert.equal(log.filter((line) => line === `post ${uuid}`).length, 3);
  await playing.stop();
});

test('a replay posts every CDR once in each format, same bytes but for the times, and asks every question', async (t) => {
  const { sink } = await setUp(t);
  const fleet = await startFleet({
    recording,
    cdr: { urls: [`${sink.origin}/cdr`] },
    jsonCdr: { urls: [`${sink.origin}/json-cdr`] },
    directory: { url: `${sink.origin}/directory` },
  });
  t.after(() => fleet.stop());
  await fleet.replay({ speed: Number.POSITIVE_INFINITY }).finished;
  const requests = recording.items.filter((item): item is RecordedRequest => 'body' in item);
  assert.equal(sink.received.length, requests.length);
  assert.equal(fleet.counts.notFound, 55);
  const sizes = (bodies: readonly { body: string }[]) =>
    bodies.map(({ body }) => body.length).sort((a, b) => a - b);
  assert.deepEqual(sizes(sink.received), sizes(requests));
  for (const request of requests.filter(({ uuid }) => uuid !== '')) {
    const path =
      request.kind === 'cdr'
        ? `/cdr?uuid=${request.prefix}${request.uuid}`
        : `/json-cdr?uuid=${request.uuid}`;
    const posted = sink.received.filter(({ url }) => url === path);
    assert.equal(posted.length, 1, path);
    assert.equal(posted[0]?.body.length, request.body.length);
    assert.notEqual(posted[0]?.body, request.body);
    const [was, is] = [request.body, posted[0]?.body ?? ''].map(epochs);
    assert.ok(was && is && was.length > 4);
    assert.equal(
      new Set(was.map((second, at) => (is[at] ?? 0) - second)).size,
      1,
      'one offset for all times',
    );
  }
  assert.equal(fleet.ledger.acceptedUuids().size, 51);
});

/** Every time in µs and s that is not 0, as seconds. */
function epochs(body: string): number[] {
  const found = body.matchAll(/(?:_uepoch|_epoch|_time|stamp)(?:%3E|":")(\d{10,16})/g);
  return [...found].map(([, digits = '']) => Math.floor(Number(digits) / (digits.length === 16 ? 1e6 : 1)));
}
