import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTimeZone } from '../../../libs/reports/time-zone.ts';

test('time zones are names of the IANA database', () => {
  assert.equal(readTimeZone('Europe/Berlin'), 'Europe/Berlin');
  assert.equal(readTimeZone('UTC'), 'UTC');
  for (const name of ['+02:00', 'Mars/Olympus', '', "UTC';", 'GMT+25']) {
    assert.throws(() => readTimeZone(name), { code: 'time-zone-invalid' }, name);
  }
});
