import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatClock, formatMicroseconds, formatSeconds } from '../../../console/time/duration.ts';
import { formatMoment, isZone, parseMoment } from '../../../console/time/zone.ts';
import fc from '../../support/properties.ts';

const US = 1_795_207_890_123_456;

test('a moment in a zone, as exactly as asked', () => {
  assert.equal(formatMoment(US, 'UTC', 'us'), '2026-11-20 20:51:30.123456');
  assert.equal(formatMoment(US, 'Europe/Berlin', 'ms'), '2026-11-20 21:51:30.123');
  assert.equal(formatMoment(US, 'Asia/Kathmandu', 'minute'), '2026-11-21 02:36');
  assert.equal(isZone('Europe/Berlin'), true);
  assert.equal(isZone('<script>'), false);
});

test('what is shown can be typed in again, but in the hour that comes twice', () => {
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'];
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), fc.constantFrom(...zones), (second, zone) => {
      const us = second * 1_000_000;
      const text = formatMoment(us, zone);
      const parsed = parseMoment(text, zone);
      assert.ok(parsed !== undefined);
      assert.equal(formatMoment(parsed, zone), text);
      assert.ok(parsed === us || us - parsed <= 3_600_000_000, `${text} ${zone}`);
    }),
    { numRuns: 300 },
  );
});

test('hours that do not exist and days that are none', () => {
  // clocks go from 02:00 to 03:00
  assert.equal(
    formatMoment(parseMoment('2026-03-29 02:30', 'Europe/Berlin') ?? 0, 'Europe/Berlin'),
    '2026-03-29 03:30:00',
  );
  for (const text of ['2026-02-30', '2026-13-01', 'now', '', '2026-01-01 24:00', '2026-01-01 10:60']) {
    assert.equal(parseMoment(text, 'UTC'), undefined, text);
  }
  assert.equal(parseMoment('2026-11-20', 'UTC'), Date.UTC(2026, 10, 20) * 1_000);
});

test('durations', () => {
  assert.deepEqual([0.44, 9.94, 42, 59.6, 185, 7_620, 200_000].map(formatSeconds), [
    '0.4 s',
    '9.9 s',
    '42 s',
    '1 min 00 s',
    '3 min 05 s',
    '2 h 07 min',
    '2 d 7 h',
  ]);
  assert.deepEqual([0, 42, 3_727].map(formatClock), ['0:00', '0:42', '1:02:07']);
  assert.deepEqual([350, -20_000, 7_821_000].map(formatMicroseconds), ['350 µs', '-20 ms', '7.82 s']);
});
