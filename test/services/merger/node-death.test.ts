import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type FleetRecords, foldFleet } from '../../../libs/calls/fold-fleet.ts';
import type { Leg } from '../../../libs/calls/leg.ts';
import type { Pool } from '../../../libs/postgres/database.ts';
import type { NodeEvent } from '../../../libs/records/node-event.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';
import { applyAll, deliveries, type FleetMergers, FOLD, fleetMergers, settle } from './fleet-mergers.ts';

const SECOND = 1_000_000;

/** Run 01 as it would have been seen had fs02 died without a word 2 s into its first call: no hangups, no CDRs of fs02. */
function withDeath(fate: (core: string, diedUs: number) => NodeEvent[]): FleetRecords {
  const { events, cdrs } = recordedFleet('run-01');
  const first = events.find(({ node }) => node === 'fs02');
  if (first === undefined) throw new Error('fs02 says nothing in run 01');
  const diedUs = first.at_us + 2 * SECOND;
  return {
    events: events.filter(({ node, at_us }) => node !== 'fs02' || at_us <= diedUs),
    cdrs: cdrs.filter(({ node }) => node !== 'fs02'),
    nodeEvents: fate(first.core_uuid, diedUs),
  };
}

function state(name: 'live' | 'down', core_uuid: string | null, at_us: number): NodeEvent {
  const common = { v: 1, node: 'fs02', at_us, received_us: at_us, reason: '', clock_offset_us: 0 } as const;
  return { ...common, kind: 'state', state: name, core_uuid };
}

const killed = (core: string, diedUs: number): NodeEvent[] => [
  state('live', core, diedUs - 60 * SECOND),
  state('down', core, diedUs),
];
/** All that is said comes from a collector that never reached it. */
const neverReached = (_core: string, diedUs: number): NodeEvent[] => [state('down', null, diedUs)];
const restarted = (core: string, diedUs: number): NodeEvent[] => [
  ...killed(core, diedUs),
  {
    v: 1,
    node: 'fs02',
    at_us: diedUs + 9 * SECOND,
    received_us: diedUs + 9 * SECOND,
    kind: 'core-changed',
    old_core_uuid: core,
    core_uuid: 'another core',
  },
];
const emptied = (core: string, diedUs: number): NodeEvent[] => [
  state('live', core, diedUs - 60 * SECOND),
  {
    v: 1,
    node: 'fs02',
    at_us: diedUs + 30 * SECOND,
    received_us: diedUs + 30 * SECOND,
    kind: 'resync',
    core_uuid: core,
    uuids: [],
  },
];

interface Ended {
  uuid: string;
  ended_by: string | null;
  is_interrupted: boolean;
  end_us: number | null;
}

async function storedEnds({ database }: FleetMergers): Promise<Ended[]> {
  const { rows } = await database.write.query<Ended & { end_us: string }>(
    `select uuid, ended_by, is_interrupted, (extract(epoch from end_at) * 1000000)::bigint as end_us from legs order by uuid`,
  );
  return rows.map((row) => ({ ...row, end_us: row.end_us === null ? null : Number(row.end_us) }));
}

function endsOf(legs: readonly Leg[]): Ended[] {
  return legs
    .map(({ uuid, ended_by, is_interrupted, end_us }) => ({ uuid, ended_by, is_interrupted, end_us }))
    .sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
}

describe('legs of a node that died', () => {
  const fates = [
    ['node-lost', killed, ''],
    ['node-lost', neverReached, ' of a node whose core nobody knows'],
    ['core-changed', restarted, ''],
    ['resync', emptied, ''],
  ] as const;
  for (const [ended_by, fate, which] of fates) {
    const records = withDeath(fate);
    const all = deliveries(records);
    const isNode = ({ topic }: (typeof all)[number]) => topic === 'switchfleet.node-events';
    const orders = {
      'read after the events it judges': [...all.filter((item) => !isNode(item)), ...all.filter(isNode)],
      'read before the events it judges': [...all.filter(isNode), ...all.filter((item) => !isNode(item))],
    };
    for (const [order, items] of Object.entries(orders)) {
      it(`end by ${ended_by}${which}, ${order}`, async (t) => {
        const fleet = await fleetMergers(t, 3);
        const batches = Array.from({ length: Math.ceil(items.length / 9) }, (_, at) =>
          items.slice(at * 9, at * 9 + 9),
        );
        await applyAll(fleet.mergers, batches);
        await settle(fleet);
        const pure = endsOf(foldFleet(records, FOLD).legs);
        assert.deepEqual(await storedEnds(fleet), pure);
        const lost = pure.filter((leg) => leg.ended_by === ended_by);
        assert.equal(lost.length, 1);
        assert.equal(lost[0]?.is_interrupted, ended_by !== 'resync');
      });
    }
  }

  it('live again when the node comes back with them', async (t) => {
    const records = withDeath(killed);
    const fleet = await fleetMergers(t, 2);
    await applyAll(fleet.mergers, [deliveries(records)]);
    await settle(fleet);
    const [lost] = (await storedEnds(fleet)).filter(({ is_interrupted }) => is_interrupted);
    assert.ok(lost);
    const [first] = records.nodeEvents;
    assert.ok(first);
    const core_uuid = first.core_uuid ?? '';
    const at_us = first.at_us + 400 * SECOND;
    const back: NodeEvent[] = [
      state('live', core_uuid, at_us),
      { v: 1, node: 'fs02', at_us, received_us: at_us, kind: 'resync', core_uuid, uuids: [lost.uuid] },
    ];
    await applyAll(fleet.mergers, [deliveries({ events: [], cdrs: [], nodeEvents: back })]);
    await settle(fleet);
    const again = (await storedEnds(fleet)).find(({ uuid }) => uuid === lost.uuid);
    assert.deepEqual(again, { uuid: lost.uuid, ended_by: null, is_interrupted: false, end_us: null });
  });

  it('are not judged again by a word that names no core, but that it is down', async (t) => {
    const records = withDeath(killed);
    const fleet = await fleetMergers(t, 1);
    await applyAll(fleet.mergers, [deliveries(records)]);
    const revisions = async () =>
      (await fleet.database.write.query<{ revision: number }>('select revision from node_fates')).rows;
    const before = await revisions();
    const at_us = (records.nodeEvents[1]?.at_us ?? 0) + SECOND;
    const say = (said: NodeEvent) =>
      applyAll(fleet.mergers, [deliveries({ events: [], cdrs: [], nodeEvents: [said] })]);
    await say({ ...state('live', null, at_us), state: 'connecting' } as NodeEvent);
    assert.deepEqual(await revisions(), before);
    await say(state('down', null, at_us));
    assert.notDeepEqual(await revisions(), before);
  });

  it('end when the last set that has them was taken, however many sets there are; few are in memory at once', async (t) => {
    const records = withDeath((core, diedUs) => {
      const open = legsOn(core);
      return Array.from({ length: 450 }, (_, at) => {
        const at_us = diedUs + (at + 6) * SECOND;
        const uuids = at < 300 ? [`other ${at}`, ...open] : [`other ${at}`];
        return { v: 1, node: 'fs02', at_us, received_us: at_us, kind: 'resync', core_uuid: core, uuids };
      });
    });
    const fleet = await fleetMergers(t, 1);
    const most = watchAnswers(fleet.database.write);
    await applyAll(fleet.mergers, [deliveries(records)]);
    await settle(fleet);
    const pure = endsOf(foldFleet(records, FOLD).legs);
    assert.deepEqual(await storedEnds(fleet), pure);
    const [gone] = pure.filter((leg) => leg.ended_by === 'resync');
    const last = records.nodeEvents[299];
    assert.equal(gone?.end_us, last?.at_us);
    assert.ok(most() <= 100, `${most()} sets in one answer`);
  });
});

/** Legs of run 01 on a core. */
function legsOn(core: string): string[] {
  const { events } = recordedFleet('run-01');
  return [...new Set(events.filter(({ core_uuid }) => core_uuid === core).map(({ uuid }) => uuid))];
}

/** Watches the transactions on a pool: the most sets of channels that any answer of the database held. */
function watchAnswers(pool: Pool): () => number {
  let most = 0;
  const watched = new WeakSet<object>();
  pool.on('acquire', (client) => {
    if (watched.has(client)) return;
    watched.add(client);
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      const answer = query(...args);
      return answer instanceof Promise ? answer.then(counted) : answer;
    }) as typeof client.query;
  });
  const counted = (answer: { rows?: { record?: NodeEvent }[] }) => {
    const { rows = [] } = answer;
    most = Math.max(most, rows.filter(({ record }) => record?.kind === 'resync').length);
    return answer;
  };
  return () => most;
}
