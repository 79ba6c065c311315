import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeCursor, encodeCursor } from '../../../../libs/store/search/cursor.ts';
import { readTimestamptz, toInstant } from '../../../../libs/store/search/instant.ts';
import fc from '../../../support/properties.ts';

test('a timestamptz is read to the microsecond, in any time zone', () => {
  const us = 1_795_207_890_123_456;
  for (const text of [
    '2026-11-20 20:51:30.123456+00',
    '2026-11-20 21:51:30.123456+01',
    '2026-11-21 02:21:30.123456+05:30',
    '2026-11-20 15:51:30.123456-05',
  ]) {
    assert.equal(readTimestamptz(text), us, text);
  }
  assert.equal(readTimestamptz('2026-11-20 20:51:30.1+00'), 1_795_207_890_100_000);
  assert.equal(readTimestamptz('2026-11-20 20:51:30+00'), 1_795_207_890_000_000);
  for (const text of ['infinity', '', '20 Nov 2026']) assert.throws(() => readTimestamptz(text), RangeError);
});

test('an instant is written as it was read', () => {
  assert.equal(toInstant(1_795_207_890_000_001), '2026-11-20T20:51:30.000001Z');
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000_000_000 }), (us) => {
      assert.equal(readTimestamptz(toInstant(us).replace('T', ' ').replace('Z', '+00')), us);
    }),
  );
});

test('a cursor is the id again; anything else is none', () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      assert.equal(decodeCursor(encodeCursor(id)), id);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(Buffer.from(text, 'base64url').length !== 16);
      assert.throws(() => decodeCursor(text), { code: 'cursor-invalid' });
    }),
  );
});
