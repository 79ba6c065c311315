import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JsonBytes } from '../../../../libs/bus/json-bytes.ts';
import { Json } from '../../../../libs/bus/postgres/json.ts';
import { RECORD_BYTES } from '../../../../libs/bus/postgres/limits.ts';
import { encodeRecord, partitionOf } from '../../../../libs/bus/postgres/record.ts';

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
  assert.equal(record.text, '"x\\u0000y\\ud800"');
  assert.equal(encodeRecord({ key: 'k', value: undefined }).text, 'null');
  assert.throws(() => encodeRecord({ key: 'k', value: 1n }), { code: 'record-unwritable' });
});

test('a value that is JSON already is taken as it is, and measured in bytes', () => {
  const bytes = Buffer.from('{"name":"Zoë"}');
  const record = encodeRecord({ key: 'k', value: new JsonBytes(bytes) });
  assert.equal(record.text, bytes);
  assert.equal(record.bytes, 1 + bytes.length);
  assert.deepEqual(new Json(record.text).value, { name: 'Zoë' });
});

test('the size limit counts bytes of key and value', () => {
  const value = 'x'.repeat(RECORD_BYTES - 4);
  assert.equal(encodeRecord({ key: 'kk', value }).bytes, RECORD_BYTES);
  assert.throws(() => encodeRecord({ key: 'kkk', value }), { code: 'record-too-large' });
});
