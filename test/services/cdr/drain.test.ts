import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createCdrService } from '../../../services/cdr/service.ts';
import { recordedPosts } from '../../support/recorded-cdrs.ts';
import { createFakeBus } from './fake-bus.ts';

const DRAIN_MS = 7_000;

test('cdr that stops says so first, and goes on taking CDRs for DRAIN_MS', async () => {
  const draining = Promise.withResolvers<void>();
  const drained = Promise.withResolvers<void>();
  const clock = createClock();
  const sleep = (ms: number, signal?: AbortSignal) => {
    if (ms !== DRAIN_MS) return clock.sleep(ms, signal);
    draining.resolve();
    return drained.promise;
  };
  const bus = createFakeBus();
  const service = createCdrService({
    config: loadConfig({ FREESWITCH_PASSWORD: 'secret', CDR_PORT: '0', DRAIN_MS: String(DRAIN_MS) }),
    clock: { ...clock, sleep },
    logger: createLogger({ service: 'cdr', level: 'silent' }),
    metrics: createMetrics('cdr'),
    bus,
  });
  await service.start();
  const base = `http://127.0.0.1:${service.port}`;
  const [recorded] = recordedPosts();
  assert.ok(recorded);
  const post = () =>
    fetch(`${base}/cdr`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('freeswitch:secret').toString('base64')}` },
      body: new Uint8Array(recorded.body),
    });
  assert.equal((await post()).status, 200);

  const stopped = service.stop();
  await draining.promise;
  const ready = await fetch(`${base}/health/ready`);
  assert.equal(ready.status, 503);
  assert.deepEqual(((await ready.json()) as { reasons: string[] }).reasons, ['stopping']);
  assert.equal((await post()).status, 200, 'who has not heard of it yet is served');
  assert.equal(bus.published.length, 2);
  drained.resolve();
  await stopped;
  await assert.rejects(post());
});
