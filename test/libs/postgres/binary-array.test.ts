import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bigintArray, byteaArray, textArray } from '../../../libs/postgres/binary-array.ts';
import { openPool } from '../../../libs/postgres/database.ts';
import fc from '../../support/properties.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { createTestLog } from './logger.ts';

test('PostgreSQL reads from binary arrays what was written to them', async (t) => {
  const { connectionString } = await testDatabase(t);
  const { logger } = createTestLog();
  const pool = openPool({ connectionString, name: 'test', size: 1, timeoutMs: 9_000, logger });
  t.after(() => pool.end());
  const text = fc.string({ unit: 'grapheme' }).map((value) => value.replaceAll('\0', '').toWellFormed());
  const bytes = fc.uint8Array({ maxLength: 40 }).map((value) => Buffer.from(value));
  const row = fc.record({ text: fc.option(text), isBytes: fc.boolean(), number: fc.maxSafeInteger(), bytes });
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1 }), async (rows) => {
      const read = await pool.query<{ texts: (string | null)[]; numbers: string[]; bytes: Buffer[] }>(
        'select $1::text[] as texts, $2::bigint[] as numbers, $3::bytea[] as bytes',
        [
          textArray(rows.map(given)),
          bigintArray(rows.map(({ number }) => number)),
          byteaArray(rows.map((one) => one.bytes)),
        ],
      );
      assert.deepEqual(read.rows, [
        {
          texts: rows.map((one) => one.text),
          numbers: rows.map(({ number }) => String(number)),
          bytes: rows.map((one) => one.bytes),
        },
      ]);
    }),
    { numRuns: 50 },
  );
});

/** The same text as a string, or as its UTF-8. */
function given({ text, isBytes }: { text: string | null; isBytes: boolean }): string | Buffer | null {
  return text !== null && isBytes ? Buffer.from(text) : text;
}
