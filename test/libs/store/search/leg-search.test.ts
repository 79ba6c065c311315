import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeLegPlace,
  encodeLegPlace,
  type LegFilter,
  type LegPlace,
  type LegSearch,
  searchLegs,
} from '../../../../libs/store/search/leg-search.ts';
import { readNumbers } from '../../../../libs/store/search/number-term.ts';
import { storedRun05 } from '../../../support/stored-fleet.ts';

interface Row {
  uuid: string;
  node: string;
  tenant: string | null;
  caller_id_number: string | null;
  destination_number: string | null;
  sip_call_id: string | null;
  accountcode: string | null;
  hangup_cause: string | null;
  billsec: number | null;
  is_interrupted: boolean;
}

const NUMBERS = (row: Row) => [row.caller_id_number, row.destination_number];

test('searching the legs of run 05', async (t) => {
  const { database } = await storedRun05(t);
  await database.write.query(`update legs set tenant = 'alpha' where node = 'fs02'`);
  const { rows } = await database.read.query<Row>('select * from legs order by start_at desc, uuid desc');
  assert.equal(rows.length, 240);
  const ask = (search: Partial<LegSearch>) =>
    searchLegs(database.read, { filter: {}, limit: 500, budgetMs: 20_000, ...search });
  const callId = rows.find((row) => row.sip_call_id !== null)?.sip_call_id ?? '';
  const account = rows.find((row) => row.accountcode !== null)?.accountcode ?? '';

  const expectations: [string, LegFilter, (row: Row) => boolean][] = [
    ['everything', {}, () => true],
    ['a number', { number: readNumbers('1002') }, (row) => NUMBERS(row).includes('1002')],
    [
      'the end of a number',
      { number: readNumbers('*9664') },
      (row) => NUMBERS(row).some((n) => n?.endsWith('9664')),
    ],
    ['a node', { node: 'fs03' }, (row) => row.node === 'fs03'],
    ['a tenant', { tenant: 'alpha' }, (row) => row.tenant === 'alpha'],
    ['a Call-ID', { sip_call_id: callId }, (row) => row.sip_call_id === callId],
    ['an account', { account }, (row) => row.accountcode === account],
    ['a cause', { hangup_cause: ['ORIGINATOR_CANCEL'] }, (row) => row.hangup_cause === 'ORIGINATOR_CANCEL'],
    ['what was cut off', { is_interrupted: true }, (row) => row.is_interrupted],
    ['talk', { billsec: { min: 5 } }, (row) => (row.billsec ?? 0) >= 5],
  ];
  for (const [name, filter, holds] of expectations) {
    await t.test(`finds ${name}, by pages, newest first`, async () => {
      const expected = rows.filter(holds).map(({ uuid }) => uuid);
      assert.ok(expected.length > 0, 'the run has none: the test proves nothing');
      for (const limit of [500, 11]) {
        const got: string[] = [];
        for (let olderThan: LegPlace | undefined; ; ) {
          const page = await ask({ filter, limit, olderThan });
          assert.ok(page.complete && page.items.length <= limit);
          got.push(...page.items.map(({ uuid }) => uuid));
          if (page.next === null) break;
          olderThan = decodeLegPlace(encodeLegPlace(page.next));
        }
        assert.deepEqual(got, expected);
      }
    });
  }

  await t.test('another tenant sees none of them, whatever is asked', async () => {
    const own = rows.find((row) => row.tenant === 'alpha');
    assert.ok(own);
    assert.deepEqual((await ask({ filter: { tenant: 'beta', uuid: own.uuid } })).items, []);
    assert.equal((await ask({ filter: { tenant: 'alpha', uuid: own.uuid } })).items.length, 1);
  });
});

test('a cursor that is none of ours is refused', () => {
  for (const bad of ['', 'x', 'MTIz', Buffer.from('12:a\0b').toString('base64url')])
    assert.throws(() => decodeLegPlace(bad), { code: 'cursor-invalid' });
});
