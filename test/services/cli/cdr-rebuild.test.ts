import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBus } from '../../../libs/bus/open-bus.ts';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { stopAll } from '../../../libs/lifecycle/stoppable.ts';
import { openDatabase } from '../../../libs/postgres/database.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createMergerService } from '../../../services/merger/service.ts';
import { cdrStore } from '../../support/cdr-store.ts';
import { switchfleet } from '../../support/command.ts';
import { publishPosts } from '../../support/publish-posts.ts';
import { recordedPosts, uuidOf } from '../../support/recorded-cdrs.ts';
import type { Testing } from '../../support/stack/test-database.ts';
import { until } from '../../support/until.ts';

async function startMerger(t: Testing, connectionString: string): Promise<void> {
  const config = loadConfig({
    DATABASE_URL: connectionString,
    MERGER_PORT: '0',
    CALL_GRACE_MS: '200',
    // what was recorded shall not expire
    CALL_RETENTION_MONTHS: '1200',
  });
  const shared = { config, clock: createClock(), logger: createLogger({ service: 'test', level: 'silent' }) };
  const database = openDatabase(shared);
  const bus = await openBus({ ...shared, metrics: createMetrics('bus') });
  const merger = createMergerService({ ...shared, metrics: createMetrics('merger'), bus, database });
  t.after(() => stopAll([database, { stop: () => bus.close() }, merger]));
  await merger.start();
}

test('a rebuild goes through the merger, too, and changes no leg, no call and no revision', async (t) => {
  const store = await cdrStore(t);
  await startMerger(t, store.connectionString);
  const posts = recordedPosts().filter(({ name }) => name.startsWith('run-01'));
  const legs = new Set(posts.map(uuidOf));
  await publishPosts(store.connectionString, posts);
  await store.settled();

  const behind = async () =>
    (
      await store.rows<{ records: number }>(
        `select coalesce(sum(t.next_offsets[p.partition + 1] - p.next_offset), 0)::int as records
         from bus_positions p join bus_topics t on t.id = p.topic_id
         where p.group_name = 'merger' and t.name = 'switchfleet.cdrs'`,
      )
    )[0]?.records;
  const unpublished = async () =>
    (await store.rows('select from calls where revision > published_revision')).length;
  const isSettled = async () => (await behind()) === 0 && (await unpublished()) === 0;
  const state = async () => ({
    legs: await store.rows('select to_jsonb(l) as leg from legs l order by uuid'),
    calls: await store.rows('select to_jsonb(c) as call from calls c order by id'),
  });
  const countOf = async () => (await store.rows('select from legs where call_id is not null')).length;
  await until('every leg is of a call', async () => (await countOf()) === legs.size, 60_000);
  await until('every call is published', isSettled, 60_000);
  const before = await state();
  assert.ok(before.calls.length > 5 && before.calls.length < legs.size);

  const [applied] = await store.rows<{ end: string }>(
    `select sum(next_offset)::text as end from bus_positions where group_name = 'merger'`,
  );
  const { code, out } = await switchfleet(
    ['--json', 'cdr', 'rebuild', '--from', '2026-11-01', '--to', '2026-12-01'],
    { DATABASE_URL: store.connectionString },
  );
  assert.equal(code, 0);
  assert.ok(JSON.parse(out.toString()).published >= legs.size);
  await store.settled();
  await until('the merger has applied them all', isSettled, 60_000);
  const [now] = await store.rows<{ end: string }>(
    `select sum(next_offset)::text as end from bus_positions where group_name = 'merger'`,
  );
  assert.ok(Number(now?.end) >= Number(applied?.end) + legs.size, 'the merger was given all of them again');
  assert.deepEqual(await state(), before);
});
