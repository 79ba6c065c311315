import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Call } from '../../../libs/records/call.ts';
import type { CdrRecord } from '../../../libs/records/cdr-record.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { callsBetween } from '../../../libs/store/call.sql.ts';
import { recordedFleet } from '../../support/recorded-fleet.ts';
import { applyAll, deliveries, type FleetMergers, fleetMergers, settle } from './fleet-mergers.ts';

const cdrs = recordedFleet('run-01').cdrs.filter(({ format }) => format === 'xml');
const [own = assert.fail()] = cdrs.filter(
  ({ cdr }) => cdr.answer_us !== null && cdr.start_us % 1_000_000 > 0,
);

/** The leg as another system's table tells of it, so many seconds off. */
function historyOf(record: CdrRecord, offUs = 0): CdrRecord {
  const whole = (us: number | null) => us && Math.floor(us / 1_000_000) * 1_000_000 + offUs;
  const { cdr } = record;
  return {
    ...record,
    format: 'json',
    node: 'old-pbx',
    imported: true,
    body_sha256: 'f'.repeat(64),
    callflows: [],
    leg_variables: {},
    cdr: {
      ...cdr,
      switch_name: 'old-pbx',
      core_uuid: null,
      start_us: whole(cdr.start_us) ?? 0,
      answer_us: whole(cdr.answer_us),
      end_us: whole(cdr.end_us) ?? 0,
    },
  };
}

const history = historyOf(own);

async function apply(fleet: FleetMergers, ...records: CdrRecord[]): Promise<void> {
  await applyAll(fleet.mergers, [deliveries({ events: [], cdrs: records, nodeEvents: [] })]);
  await settle(fleet);
}

async function legs({ database }: FleetMergers) {
  const { rows } = await database.write.query<{ node: string; off: number; answered: number }>(
    `select node, (extract(epoch from start_at) * 1000000)::bigint - $1::bigint as off, 
       (extract(epoch from answer_at) * 1000000)::bigint - $2::bigint as answered from legs order by start_at`,
    [own.cdr.start_us, own.cdr.answer_us],
  );
  return rows.map(({ node, off, answered }) => ({ node, off: Number(off), answered: Number(answered) }));
}

describe("another system's row and the leg's own CDR", () => {
  const orders: [string, CdrRecord[][]][] = [
    ['the row first', [[history], [own]]],
    ['the CDR first', [[own], [history]]],
    ['both at once', [[history, own]]],
    ['the row again and again', [[history], [own], [history], [history]]],
  ];
  for (const [name, batches] of orders) {
    it(`are one leg and one call: ${name}`, async (t) => {
      const fleet = await fleetMergers(t, 1);
      for (const batch of batches) await apply(fleet, ...batch);
      assert.deepEqual(await legs(fleet), [{ node: own.node, off: 0, answered: 0 }]);
      const calls = await callsBetween(fleet.database.write, 0, 4e15);
      const [standing, ...others] = calls.filter(({ merged_into }) => merged_into === null);
      assert.deepEqual([standing?.start_us, standing?.legs, others], [own.cdr.start_us, [own.cdr.uuid], []]);
      const last = new Map(fleet.bus.values<Call>(TOPICS.calls).map((call) => [call.id, call.merged_into]));
      assert.equal(last.get(standing?.id ?? ''), null);
      const aliases = [...last].filter(([id]) => id !== standing?.id);
      assert.ok(
        aliases.every(([, into]) => into === standing?.id),
        'who heard of the row is told of the call',
      );
    });
  }

  it('are two legs when they are more than two seconds apart, or the uuid is another', async (t) => {
    const fleet = await fleetMergers(t, 1);
    const uuid = 'another-leg';
    const stranger = { ...history, cdr: { ...history.cdr, uuid, call_uuid: uuid, sip_call_id: null } };
    await apply(fleet, own, historyOf(own, 4_000_000), stranger);
    assert.equal((await legs(fleet)).length, 3);
  });

  it('a row gives its end to a leg of which nobody heard the end, with the times that were seen', async (t) => {
    const fleet = await fleetMergers(t, 1);
    const events = recordedFleet('run-01').events.filter(
      ({ uuid, event_name }) => uuid === own.cdr.uuid && !/HANGUP|DESTROY/.test(event_name),
    );
    await applyAll(fleet.mergers, [deliveries({ events, cdrs: [], nodeEvents: [] })]);
    await apply(fleet, history);
    assert.deepEqual(
      (await legs(fleet)).map(({ node, off }) => ({ node, off })),
      [{ node: own.node, off: 0 }],
    );
    const { rows } = await fleet.database.write.query(
      `select state, ended_by, hangup_cause, extract(microseconds from answer_at)::int % 1000000 > 0 as exact from legs`,
    );
    assert.deepEqual(rows, [
      { state: 'ended', ended_by: 'cdr', hangup_cause: own.cdr.hangup_cause, exact: true },
    ]);
  });
});

const DAYS = 86_400_000_000;

it('a leg whose figures no column holds is stored all the same, without them', async (t) => {
  const fleet = await fleetMergers(t, 1);
  const { start_us } = own.cdr;
  for (const [uuid, days] of [
    ['rang-for-20-days', 20],
    ['rang-for-30-days', 30],
  ] as const) {
    const times = { answer_us: start_us + days * DAYS, end_us: start_us + 40 * DAYS };
    const odd = { sip_term_status: '99999999999', rtp_audio_in_packet_count: '1', rtp_audio_in_mos: '1e300' };
    const cdr = {
      ...own.cdr,
      uuid,
      ...times,
      hangup_cause_q850: null,
      progress_us: null,
      progress_media_us: null,
      mos: null,
    };
    const record = { ...history, cdr: { ...cdr, call_uuid: uuid, sip_call_id: null } };
    await apply(fleet, { ...record, leg_variables: { ...odd, hangup_cause_q850: '16.5' } });
  }
  const { rows } = await fleet.database.write.query(
    `select l.uuid, c.pdd_ms, c.billsec / 86400 as days, l.sip_status, l.hangup_cause_q850, l.mos
     from legs l join calls c on c.id = l.call_id order by l.uuid`,
  );
  const unknown = { sip_status: null, hangup_cause_q850: null, mos: null };
  assert.deepEqual(rows, [
    { uuid: 'rang-for-20-days', pdd_ms: 20 * 86_400_000, days: 20, ...unknown },
    { uuid: 'rang-for-30-days', pdd_ms: null, days: 10, ...unknown },
  ]);
});
