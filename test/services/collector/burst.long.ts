import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProxy } from '../../libs/postgres/proxy.ts';
import type { SimulatedNode } from '../../support/simulator/simulated-node.ts';
import { until } from '../../support/until.ts';
import { faultRun } from './fault-run.ts';

const EVENTS = 100_000;
const LEGS = 500;
/** An event has 6 kB, of which 2 kB are kept. */
const LEFT_OUT = Array.from({ length: 80 }, (_, i) => [`variable_sip_unknown_${i}`, 'x'.repeat(25)] as const);
const KEPT = Array.from(
  { length: 40 },
  (_, i) => [`variable_transfer_history_${i}`, 'x'.repeat(25)] as const,
);

/** Sends as fast as the collector reads. */
async function burst(node: SimulatedNode, uuids: readonly string[], count: number): Promise<void> {
  const created = String(Date.now() * 1000);
  const emit = (name: string, uuid: string) =>
    node.emit(
      node.core.event(name, [
        ['Unique-ID', uuid],
        ['Caller-Channel-Created-Time', created],
        ['Call-Direction', 'inbound'],
        ...LEFT_OUT,
        ...KEPT,
      ]),
    );
  for (let number = 0; number < count; number += 1) {
    while (node.backlog > 500) await sleep(1);
    emit('CHANNEL_EXECUTE', uuids[number % uuids.length] ?? '');
  }
  for (const uuid of uuids) emit('CHANNEL_HANGUP', uuid);
}

/** The most memory that a process ever had, MB. */
async function peakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

test('100,000 events while nothing can be published: bounded memory, some dropped, never a hangup', async (t) => {
  const run = await faultRun(t, { nodes: 1 });
  const proxy = await startProxy(run.connectionString);
  t.after(() => proxy.close());
  const collector = run.collect('one', { DATABASE_URL: proxy.connectionString });
  await run.fleet.subscribed();
  const [node] = run.fleet.nodes;
  assert.ok(node);
  const before = await peakMb(collector.pid);
  proxy.silence(true);
  const uuids = Array.from({ length: LEGS }, () => randomUUID());
  await burst(node, uuids, EVENTS);
  await until('all is read', () => node.backlog === 0, 60_000);
  const after = await peakMb(collector.pid);
  t.diagnostic(`peak memory ${before.toFixed(0)} MB before, ${after.toFixed(0)} MB after`);
  proxy.silence(false);
  proxy.cut();
  const hangups = async () => {
    const { rows } = await run.client.query<{ count: number }>(
      `select count(*)::integer as count from leg_events where event_name = 'CHANNEL_HANGUP'`,
    );
    return rows[0]?.count;
  };
  await until('all hangups', async () => (await hangups()) === LEGS, 120_000);
  await run.noneOpenThatIsGone();
  const { rows } = await run.client.query<{ count: number }>(
    'select count(*)::integer as count from leg_events',
  );
  t.diagnostic(`${rows[0]?.count} of ${EVENTS + LEGS} events kept`);
  assert.ok((rows[0]?.count ?? 0) < EVENTS, 'some had to be dropped');
  assert.equal(node.counts.sessions, 1, 'never disconnected');
  // 130 MB before, 120 MB that wait, and what V8 lets lie until it collects
  assert.ok(after < 400, `${after} MB`);
});
