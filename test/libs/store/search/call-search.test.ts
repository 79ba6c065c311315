import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredCall } from '../../../../libs/store/call.sql.ts';
import type { CallFilter } from '../../../../libs/store/search/call-filter.ts';
import { floorOfCallIds } from '../../../../libs/store/search/call-place.ts';
import { type CallPage, type CallSearch, searchCalls } from '../../../../libs/store/search/call-search.ts';
import { readNumbers } from '../../../../libs/store/search/number-term.ts';
import { testDatabase } from '../../../support/stack/test-database.ts';
import { storedRun05 } from '../../../support/stored-fleet.ts';
import { until } from '../../../support/until.ts';

const DOMAIN = 'alpha.example';

type Expectation = [name: string, filter: CallFilter, holds: (call: StoredCall) => boolean];

const numbers = (call: StoredCall) => [call.caller, call.callee, call.did];
const some = (call: StoredCall, holds: (number: string) => boolean) =>
  numbers(call).some((number) => number !== null && holds(number));

const EXPECTATIONS: Expectation[] = [
  ['everything', {}, () => true],
  ['a number on either side', { number: readNumbers('1002') }, (call) => some(call, (n) => n === '1002')],
  [
    'the beginning of a number',
    { number: readNumbers('155501*') },
    (call) => some(call, (n) => n.startsWith('155501')),
  ],
  ['the end of a number', { number: readNumbers('*9664') }, (call) => some(call, (n) => n.endsWith('9664'))],
  [
    'several numbers at once',
    { number: readNumbers('1001,15559100,*busy,350*') },
    (call) =>
      some(call, (n) => ['1001', '15559100'].includes(n) || n.endsWith('busy') || n.startsWith('350')),
  ],
  ['a caller', { caller: readNumbers('1001') }, ({ caller }) => caller === '1001'],
  [
    'one of callees',
    { callee: readNumbers('9196,2000') },
    ({ callee }) => callee === '9196' || callee === '2000',
  ],
  ['a node', { node: 'fs03' }, ({ nodes }) => nodes.includes('fs03')],
  [
    'dispositions',
    { disposition: ['busy', 'cancelled'] },
    ({ disposition: d }) => d === 'busy' || d === 'cancelled',
  ],
  ['a cause', { hangup_cause: ['UNALLOCATED_NUMBER'] }, ({ hangup_cause: c }) => c === 'UNALLOCATED_NUMBER'],
  ['who hung up', { hangup_by: 'callee' }, ({ hangup_by }) => hangup_by === 'callee'],
  ['who answered', { answered_by: 'conference' }, ({ answered_by }) => answered_by === 'conference'],
  ['a length of talk', { billsec: { min: 4, max: 5 } }, ({ billsec: s }) => s !== null && s >= 4 && s <= 5],
  ['a duration', { duration: { min: 10 } }, ({ duration: s }) => s !== null && s >= 10],
  ['good audio', { mos: { min: 4 } }, ({ mos }) => mos !== null && mos >= 4],
  ['short calls', { quality: ['short'] }, (c) => c.answer_us !== null && c.billsec !== null && c.billsec < 6],
  ['recordings', { has_recording: true }, ({ recording_paths }) => recording_paths.length > 0],
  [
    'several things at once',
    { number: readNumbers('155501*'), node: 'fs02', disposition: ['answered'] },
    (c) => some(c, (n) => n.startsWith('155501')) && c.nodes.includes('fs02') && c.disposition === 'answered',
  ],
];

test('searching the calls of run 05', async (t) => {
  const fleet = await storedRun05(t);
  const ask = (search: Partial<CallSearch>) =>
    searchCalls(fleet.database.read, { filter: {}, limit: 500, budgetMs: 20_000, ...search });
  const pages = async (search: Partial<CallSearch>) => {
    const found: CallPage[] = [];
    for (let olderThan: string | undefined; ; ) {
      const page = await ask({ ...search, olderThan });
      found.push(page);
      if (page.next === null) return found;
      olderThan = page.next;
    }
  };

  for (const [name, filter, holds] of EXPECTATIONS) {
    await t.test(`finds ${name}, by pages, newest first`, async () => {
      const expected = fleet.calls.filter(holds).map(({ id }) => id);
      assert.ok(expected.length > 0, 'the run has none: the test proves nothing');
      assert.ok(name === 'everything' || expected.length < fleet.calls.length);
      for (const limit of [500, 7]) {
        const found = await pages({ filter, limit });
        assert.ok(found.every(({ items, complete }) => items.length <= limit && complete));
        assert.deepEqual(
          found.flatMap(({ items }) => items.map(({ id }) => id)),
          expected,
        );
      }
    });
  }

  await t.test('finds calls by what their legs say', async () => {
    const { rows } = await fleet.database.read.query<{
      uuid: string;
      call_id: string;
      sip_call_id: string | null;
    }>('select uuid, call_id, sip_call_id from legs order by uuid');
    for (const { uuid, call_id, sip_call_id } of rows.slice(0, 40)) {
      const found = await ask({ filter: { leg: uuid } });
      assert.deepEqual(
        found.items.map(({ id }) => id),
        [call_id],
      );
      if (sip_call_id === null) continue;
      const expected = new Set(
        rows.filter((row) => row.sip_call_id === sip_call_id).map((row) => row.call_id),
      );
      const byCallId = await ask({ filter: { sip_call_id } });
      assert.deepEqual(new Set(byCallId.items.map(({ id }) => id)), expected);
    }
  });

  await t.test('finds calls by the quality of their audio, as their CDRs tell it', async () => {
    const suffering: Record<string, Record<string, unknown>> = {
      'one-way': { in_packets: 0, out_packets: 300 },
      jitter: { variables: { rtp_audio_in_jitter_max_variance: '1234.5' } },
      loss: { variables: { rtp_audio_in_skip_packet_count: '30' } },
      fine: { variables: { rtp_audio_in_jitter_max_variance: 'NaN', rtp_audio_in_skip_packet_count: '3' } },
    };
    const talked = fleet.calls.filter(({ billsec }) => (billsec ?? 0) >= 4);
    const expected: Record<string, string> = {};
    for (const [at, [tag, said]] of Object.entries(suffering).entries()) {
      const call = talked[at] ?? assert.fail();
      const { in_packets = 250, out_packets = 250, variables = {} } = said;
      await fleet.database.write.query(
        `insert into cdr (uuid, start_at, format, switch_name, answer_at, end_at, duration, billsec, rtp_audio_in_packet_count,
           rtp_audio_out_packet_count, variables, received_at, body_sha256)
         select uuid, start_at, 'xml', node, start_at, end_at, 5, 5, $2, $3, $4, now(), '' from legs where uuid = $1`,
        [call.legs.at(-1), in_packets, out_packets, variables],
      );
      expected[tag] = call.id;
    }
    for (const tag of ['one-way', 'jitter', 'loss'] as const) {
      const found = await ask({ filter: { quality: [tag] } });
      assert.deepEqual(
        found.items.map(({ id }) => id),
        [expected[tag]],
        tag,
      );
    }
    assert.deepEqual((await ask({ filter: { quality: ['one-way', 'jitter'] } })).items, []);
  });

  await t.test('takes nothing of the CDR of another leg with the same uuid for its own', async () => {
    const call =
      fleet.calls.find(({ duration, legs }) => (duration ?? 0) > 8 && legs.length > 0) ?? assert.fail();
    const uuid = call.legs[0];
    const store = (seconds: number) =>
      fleet.database.write.query(
        `insert into cdr (uuid, start_at, format, switch_name, answer_at, end_at, duration, billsec, rtp_audio_in_packet_count,
           rtp_audio_out_packet_count, received_at, body_sha256)
         select uuid, start_at + $2 * interval '1 second', 'xml', 'elsewhere', start_at, end_at, 5, 5, 0, 300, now(), ''
         from legs where uuid = $1 and call_id = $3`,
        [uuid, seconds, call.id],
      );
    const found = async () =>
      (await ask({ filter: { quality: ['one-way'], leg: uuid } })).items.map(({ id }) => id);
    await fleet.database.write.query('delete from cdr where uuid = $1', [uuid]);
    await store(5);
    assert.deepEqual(await found(), []);
    // another system knows whole seconds: before the call began
    await store(-0.9);
    assert.deepEqual(await found(), [call.id]);
  });

  await t.test('keeps to its time, and to its tenant', async () => {
    const [newest, oldest] = [fleet.calls[20], fleet.calls[60]];
    assert.ok(newest && oldest);
    const found = await ask({ fromUs: oldest.start_us, toUs: newest.start_us });
    assert.deepEqual(
      found.items.map(({ id }) => id),
      fleet.calls.slice(21, 61).map(({ id }) => id),
    );
    const { rowCount } = await fleet.database.write.query(
      `update calls set tenant = 'alpha', domain = $1 where caller = '1001'`,
      [DOMAIN],
    );
    const own = await ask({ filter: { tenant: 'alpha' } });
    assert.equal(own.items.length, rowCount);
    const other = await ask({ filter: { tenant: 'beta', number: readNumbers('1001') } });
    assert.deepEqual(other.items, []);
    assert.equal((await ask({ filter: { tenant: 'alpha', domain: DOMAIN } })).items.length, rowCount);
    const [leg] = fleet.calls.find(({ caller }) => caller === '1001')?.legs ?? [];
    assert.deepEqual((await ask({ filter: { tenant: 'beta', leg: leg ?? '' } })).items, []);
  });

  await t.test('is cancelled in PostgreSQL when nobody waits any more', async () => {
    const blocker = await fleet.database.write.connect();
    await blocker.query('begin; lock table calls');
    const leaving = new AbortController();
    const searching = ask({ signal: leaving.signal });
    const waiting = async () => {
      // a transaction sees what it saw first
      await blocker.query('select pg_stat_clear_snapshot()');
      const { rows } = await blocker.query<{ count: number }>(
        `select count(*)::integer from pg_stat_activity where wait_event_type = 'Lock' and query like '%from calls c%' and datname = current_database()`,
      );
      return rows[0]?.count ?? 0;
    };
    try {
      await until('the search waits', async () => (await waiting()) === 1, 20_000);
      leaving.abort();
      await assert.rejects(searching, { code: 'cancelled' });
      assert.equal(await waiting(), 0);
    } finally {
      await blocker.query('rollback');
      blocker.release();
    }
    assert.equal((await ask({})).items.length, fleet.calls.length);
  });

  await t.test('says when it ran out of time before it got anywhere', async () => {
    const blocker = await fleet.database.write.connect();
    await blocker.query('begin; lock table calls');
    try {
      await assert.rejects(ask({ budgetMs: 200 }), /statement timeout|ran out of time/);
    } finally {
      await blocker.query('rollback');
      blocker.release();
    }
  });
});

test('makes the same floor of ids as SQL does', async (t) => {
  const { database } = await testDatabase(t);
  for (const us of [0, 1, 1_795_207_890_123_456, 4_000_000_000_000_001]) {
    const { rows } = await database.read.query(
      `select call_id_floor(timestamptz 'epoch' + $1::bigint * interval '1 microsecond') as id`,
      [us],
    );
    assert.equal(rows[0].id, floorOfCallIds(us));
  }
});
