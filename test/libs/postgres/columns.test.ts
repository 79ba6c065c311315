import assert from 'node:assert/strict';
import { it } from 'node:test';
import pg from 'pg';
import { type Columns, columnArrays, rowsOf } from '../../../libs/postgres/columns.ts';
import { testDatabase } from '../../support/stack/test-database.ts';

const COLUMNS: Columns = {
  name: 'text',
  start_us: 'bigint',
  billsec: 'double precision',
  is_over: 'boolean',
  nodes: 'text[]',
  keys: 'uuid[]',
  transfers: 'jsonb',
  evidence: 'json',
};
const AWKWARD = ['', 'null', 'NULL', '{}', '"', '\\', '\\"', 'a,b', ' a ', "o'clock", 'Zoë 📞', '\n\t'];

it('rows come to PostgreSQL as they are, whatever is in them', async (t) => {
  const { connectionString } = await testDatabase(t);
  const client = new pg.Client({ connectionString });
  await client.connect();
  t.after(() => client.end());
  const rows = [
    ...AWKWARD.map((name) => ({
      name,
      start_us: 1_795_352_799_091_267,
      billsec: 8.774,
      is_over: name === '',
      nodes: [name, 'fs01'],
      keys: ['00660dd2-5d61-8a43-8012-f3b29d75dc10'],
      transfers: [{ [name]: name }],
      evidence: name,
    })),
    { name: 'a', start_us: -1, billsec: 0, is_over: false, nodes: [], keys: [], transfers: {}, evidence: 0 },
  ];
  const nothing = Object.fromEntries(Object.keys(COLUMNS).map((name) => [name, null]));
  const given = [
    ...rows.map((row) => ({ ...row, other: 'is no column' })),
    nothing,
    { billsec: Number.NaN, start_us: Number.POSITIVE_INFINITY },
  ];
  const { rows: read } = await client.query(
    `select $1::text as first, named.* from ${rowsOf(COLUMNS, 2)} as named`,
    ['x', ...columnArrays(COLUMNS, given)],
  );
  assert.deepEqual(
    read,
    [...rows, nothing, nothing].map((row) => ({
      first: 'x',
      ...row,
      start_us: row.start_us === null ? null : String(row.start_us),
    })),
  );
});

it('a value that PostgreSQL cannot keep is refused as data, so that its row is set aside', async (t) => {
  const { connectionString } = await testDatabase(t);
  const client = new pg.Client({ connectionString });
  await client.connect();
  t.after(() => client.end());
  for (const [row, code] of [
    [{ name: 'a\0b' }, '22021'],
    [{ nodes: ['a\0b'] }, '22021'],
    [{ transfers: 'a\0b' }, '22P05'],
    [{ start_us: 'soon' }, '22P02'],
    [{ keys: ['none'] }, '22P02'],
  ] as const) {
    const query = client.query(`select * from ${rowsOf(COLUMNS)} as named`, columnArrays(COLUMNS, [row]));
    await assert.rejects(query, { code }, JSON.stringify(row));
  }
});
