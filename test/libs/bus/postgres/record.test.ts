import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { textArray } from '../../../../libs/bus/postgres/binary-array.ts';
import { RECORD_BYTES } from '../../../../libs/bus/postgres/limits.ts';
import { encodeRecord, partitionOf } from '../../../../libs/bus/postgres/record.ts';
import { openPool } from '../../../../libs/postgres/database.ts';
import { testDatabase } from '../../../support/stack/test-database.ts';
import { createTestLog } from '../../postgres/logger.ts';

test('PostgreSQL reads our binary arrays back as they were (property)', async (t) => {
  const { connectionString } = await testDatabase(t, { migrated: false });
  const pool = openPool({
    connectionString,
    name: 't',
    size: 1,
    timeoutMs: 9_000,
    logger: createTestLog().logger,
  });
  t.after(() => pool.end());
  const values = fc.array(
    fc.string({ unit: 'grapheme' }).map((text) => encodeRecord({ key: text, value: text })),
    {
      minLength: 1,
    },
  );
  await fc.assert(
    fc.asyncProperty(values, async (records) => {
      const { rows } = await pool.query<{ keys: string[]; vals: string[] }>(
        'select $1::text[] as keys, $2::text[] as vals',
        [
          textArray(records.map((record) => Buffer.from(record.key))),
          textArray(records.map((record) => record.value)),
        ],
      );
      assert.deepEqual(
        rows[0]?.keys,
        records.map((record) => record.key),
      );
      assert.deepEqual(
        rows[0]?.vals,
        records.map((record) => record.value.toString()),
      );
    }),
    { numRuns: 50 },
  );
});

test('the partition of a key never changes, and keys spread over all sixteen', () => {
  assert.equal(partitionOf('1001@example.org'), 3);
  // FNV-1a of nothing is its offset basis, 0x811c9dc5: 0xc ^ 0x5.
  assert.equal(partitionOf(''), 9);
  const counts = new Array<number>(16).fill(0);
  for (let i = 0; i < 16_000; i++) {
    const partition = partitionOf(`3f0c1d2e-0000-4000-8000-${String(i).padStart(12, '0')}`);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  assert.ok(Math.min(...counts) > 800 && Math.max(...counts) < 1_200, String(counts));
});

test('keys that PostgreSQL cannot hold, and values that JSON cannot', () => {
  const record = encodeRecord({ key: 'a\0b\uD800', value: 'x\0y\uD800' });
  assert.equal(record.key, 'a\uFFFDb\uFFFD');
  assert.equal(record.value.toString(), '"x\\u0000y\\ud800"');
  assert.equal(encodeRecord({ key: 'k', value: undefined }).value.toString(), 'null');
  assert.throws(() => encodeRecord({ key: 'k', value: 1n }), { code: 'record-unwritable' });
});

test('the size limit counts bytes of key and value', () => {
  const value = 'x'.repeat(RECORD_BYTES - 4);
  assert.equal(encodeRecord({ key: 'kk', value }).bytes, RECORD_BYTES);
  assert.throws(() => encodeRecord({ key: 'kkk', value }), { code: 'record-too-large' });
});
