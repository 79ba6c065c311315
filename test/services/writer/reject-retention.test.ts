import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { deleteRejects } from '../../../libs/store/reject.sql.ts';
import { cdrStore } from '../../support/cdr-store.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../../support/until.ts';

const DAY_US = 86_400_000_000;

test('rejects go when CDRs of their time go, by when they were posted last', async (t) => {
  const { database } = await testDatabase(t);
  await database.write.query(
    `insert into cdr_rejects (reason, detail, path, received_at, last_received_at, body_sha256, body)
     select 'r', '', '', now() - interval '900 days', now() - days * interval '1 day', days::text::bytea, ''
     from unnest(array[900, 800, 10]) as u (days)`,
  );
  assert.equal(await deleteRejects(database.write, Date.now() * 1000 - 730 * DAY_US), 2);
  assert.equal(await deleteRejects(database.write, Date.now() * 1000 - 730 * DAY_US), 0);
});

test('the writer does it by itself', async (t) => {
  const store = await cdrStore(t);
  await store.rows(
    `insert into cdr_rejects (reason, detail, path, received_at, last_received_at, body_sha256, body)
     values ('r', '', '', '2010-01-01Z', '2010-01-01Z', 'x', ''), ('r', '', '', now(), now(), 'y', '')`,
  );
  const again = await cdrStore(t, { DATABASE_URL: store.connectionString });
  await until('the old one is gone', async () => (await again.rows('select from cdr_rejects')).length === 1);
});

test('a clock that is years ahead of the database takes no reject that is kept', async (t) => {
  const store = await cdrStore(t);
  await store.rows(
    `insert into cdr_rejects (reason, detail, path, received_at, last_received_at, body_sha256, body)
     values ('old', '', '', '2010-01-01Z', '2010-01-01Z', 'x', ''), ('new', '', '', now(), now(), 'y', '')`,
  );
  const ahead = createClock({ start: Date.now() + 50 * 365 * 86_400_000 });
  const again = await cdrStore(t, { DATABASE_URL: store.connectionString }, ahead);
  const kept = () => again.rows<{ reason: string }>('select reason from cdr_rejects');
  await until('retention has run', async () => (await kept()).every(({ reason }) => reason !== 'old'));
  assert.deepEqual(await kept(), [{ reason: 'new' }]);
});
