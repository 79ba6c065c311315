import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createRetentionClock } from '../../../libs/postgres/retention-clock.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createMerger } from '../../../services/merger/merger.ts';
import { createMergerMetrics } from '../../../services/merger/merger-metrics.ts';
import { dropHistory } from '../../../services/merger/retention.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';
import { CONFIG, deliveries, fleetMergers } from './fleet-mergers.ts';

describe('retention', () => {
  it('leaves records of legs that are no longer kept alone, and counts them', async (t) => {
    const { database, bus, clock } = await fleetMergers(t, 1);
    const metrics = createMergerMetrics(createMetrics('merger'));
    const merger = createMerger({
      config: { ...CONFIG, CALL_RETENTION_MONTHS: 1 },
      clock,
      retentionClock: { nowUs: async () => Date.UTC(2027, 5, 1) * 1000 },
      logger: createLogger({ service: 'test', level: 'silent' }),
      metrics,
      bus,
      database,
    });
    const records = recordedFleet('run-01');
    await merger.apply(deliveries({ ...records, nodeEvents: [] }));
    const { rows } = await database.write.query(
      'select (select count(*) from legs)::integer as legs, (select count(*) from calls)::integer as calls',
    );
    assert.deepEqual(rows, [{ legs: 0, calls: 0 }]);
    const { values } = await metrics.records.get();
    const expired = values.find(({ labels }) => labels.outcome === 'expired')?.value;
    const withStart = records.events.filter(
      ({ headers }) => Number(headers['Caller-Channel-Created-Time'] ?? 0) > 0,
    );
    assert.equal(expired, withStart.length + records.cdrs.length);
  });

  it('leaves nothing out because its own clock is years ahead of the database', async (t) => {
    const { database, bus, clock } = await fleetMergers(t, 1);
    const ahead = { ...clock, nowUs: () => Date.UTC(2126, 5, 1) * 1000 };
    const metrics = createMergerMetrics(createMetrics('merger'));
    const merger = createMerger({
      config: { ...CONFIG, CALL_RETENTION_MONTHS: 240 },
      clock: ahead,
      retentionClock: createRetentionClock({ pool: database.write, clock: ahead }),
      logger: createLogger({ service: 'test', level: 'silent' }),
      metrics,
      bus,
      database,
    });
    await merger.apply(deliveries({ ...recordedFleet('run-01'), nodeEvents: [] }));
    const { values } = await metrics.records.get();
    assert.equal(values.find(({ labels }) => labels.outcome === 'expired')?.value, 0);
    const { rows } = await database.write.query('select from legs limit 1');
    assert.equal(rows.length, 1);
  });

  it('removes old sums and what was said of nodes, and nothing younger', async (t) => {
    const { database } = await fleetMergers(t, 1);
    const { write } = database;
    await write.query(`
      insert into node_evidence (node, digest, received_at, record) values
        ('fs01', gen_random_uuid(), '2026-01-01', '{}'), ('fs01', gen_random_uuid(), '2026-05-20', '{}');
      insert into node_status_minutes (node, minute, sessions, sessions_max) values
        ('fs01', '2026-01-01', 1, 1), ('fs01', '2026-05-20', 1, 1);
      insert into concurrency_minutes (minute, hour, tenant, node, peak) values
        ('2026-01-01', '2026-01-01', '', '', 1), ('2026-05-20', '2026-05-20', '', '', 1)`);
    const nowUs = Date.UTC(2026, 5, 1) * 1000;
    await dropHistory(write, nowUs, { ROLLUP_RETENTION_MONTHS: 2, NODE_HISTORY_RETENTION_DAYS: 30 });
    for (const [table, column] of [
      ['node_evidence', 'received_at'],
      ['node_status_minutes', 'minute'],
      ['concurrency_minutes', 'minute'],
    ]) {
      const { rows } = await write.query(`select ${column} as at from ${table}`);
      assert.deepEqual(rows, [{ at: new Date('2026-05-20T00:00:00Z') }], table);
    }
  });
});
