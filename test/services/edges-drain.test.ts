import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Clock, createClock } from '../../libs/clock/clock.ts';
import type { Service } from '../../libs/lifecycle/stoppable.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { createMetrics } from '../../libs/telemetry/metrics.ts';
import { createDirectoryService } from '../../services/directory/service.ts';
import { createRoutingService, type RoutingDeps } from '../../services/routing/service.ts';
import { provisionedDatabase } from '../support/directory/provisioned.ts';

const DRAIN_MS = 7_000;

/** A clock whose wait for the drain ends when the test says so. */
function heldClock(): { clock: Clock; isDraining: Promise<void>; endDrain: () => void } {
  const began = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const clock = createClock();
  const sleep = (ms: number, signal?: AbortSignal) => {
    if (ms !== DRAIN_MS) return clock.sleep(ms, signal);
    began.resolve();
    return ended.promise;
  };
  return { clock: { ...clock, sleep }, isDraining: began.promise, endDrain: ended.resolve };
}

const EDGES: Record<
  string,
  { make: (deps: RoutingDeps) => Service; path: string; user: string; init: RequestInit }
> = {
  directory: {
    make: createDirectoryService,
    path: '/freeswitch',
    user: 'freeswitch',
    init: {
      method: 'POST',
      body: 'hostname=fs01&section=directory',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
  },
  routing: { make: createRoutingService, path: '/routing/did/+4930999', user: 'kamailio', init: {} },
};

for (const [name, { make, path, user, init }] of Object.entries(EDGES)) {
  test(`${name} that stops says so first, and goes on answering for DRAIN_MS`, async (t) => {
    const dataDir = await mkdtemp(join(tmpdir(), `switchfleet-${name}-`));
    t.after(() => rm(dataDir, { recursive: true, force: true }));
    const environment = { DATA_DIR: dataDir, DRAIN_MS: String(DRAIN_MS) };
    const { config, database } = await provisionedDatabase(t, environment);
    const { clock, isDraining, endDrain } = heldClock();
    const logger = createLogger({ service: name, level: 'silent' });
    const service = make({ config, database, clock, logger, metrics: createMetrics(name) });
    await service.start();
    const base = `http://127.0.0.1:${service.port}`;
    const authorization = `Basic ${Buffer.from(`${user}:secret`).toString('base64')}`;
    const lookup = () => fetch(`${base}${path}`, { ...init, headers: { ...init.headers, authorization } });
    assert.equal((await lookup()).status, 200);

    const stopped = service.stop();
    await isDraining;
    const ready = await fetch(`${base}/health/ready`);
    assert.equal(ready.status, 503);
    assert.deepEqual(((await ready.json()) as { reasons: string[] }).reasons, ['stopping']);
    assert.equal((await lookup()).status, 200, 'who has not heard of it yet is answered');
    endDrain();
    await stopped;
    await assert.rejects(lookup());
  });
}
