import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from '../properties.ts';
import {
  type EventHeader,
  readJsonEvent,
  readPlainEvent,
  writeJsonEvent,
  writePlainEvent,
} from './event-text.ts';
import { findMoments, windowOf } from './moment.ts';
import { textOf } from './recorded-call.ts';
import { loadRecording } from './recording.ts';
import { Template } from './template.ts';

const recording = loadRecording('run-01');
const texts = recording.items.flatMap((item) =>
  item.kind === 'core-start' || item.kind === 'core-end' ? [] : [textOf(item)],
);

function shifted(text: string, offsetUs: number, window = recording.window): string {
  return new Template(text, findMoments(text, window)).render({ offsetUs });
}

test('shifting keeps the length of every recorded text, leaves no recorded time, and can be undone', () => {
  const years = 3 * 365 * 86_400_000_000 + 12_345_000_000;
  const there = windowOf(recording.startUs + years, recording.endUs + years);
  for (const text of texts) {
    const later = shifted(text, years);
    assert.equal(later.length, text.length);
    assert.doesNotMatch(later, /1795207\d{3}|2026-11-20|20(?: |%20|%2520)Nov(?: |%20|%2520)2026/);
    assert.equal(shifted(later, -years, there), text);
  }
});

test('times in every form are shifted alike', () => {
  const text =
    'us=1795207844911259 s="1795207844" ms:1795207844911 2026-11-20 20:50:44 2026-11-20%252020%253A50%253A44 Fri,%2020%20Nov%202026%2020%3A50%3A44%20GMT';
  assert.equal(
    shifted(text, 86_400_000_000 + 16_000_000),
    'us=1795294260911259 s="1795294260" ms:1795294260911 2026-11-21 20:51:00 2026-11-21%252020%253A51%253A00 Sat,%2021%20Nov%202026%2020%3A51%3A00%20GMT',
  );
});

test('numbers that are no time of the recording are left alone', () => {
  for (const text of [
    'o=FreeSWITCH 1795184420 1795184421 IN IP4',
    '15550100',
    'ssrc 1124770668',
    '"uuid":"17952078-4491-4259-8000-179520784491"',
    '217952078449112591',
    '2026-11-20',
  ]) {
    assert.equal(shifted(text, 1_000_000), text);
  }
});

test('an event goes from JSON to plain and back unchanged, whatever its values hold', () => {
  const name = fc.stringMatching(/^[A-Za-z][\w-]{0,20}$/);
  const byteText = fc
    .array(fc.integer({ min: 1, max: 255 }), { maxLength: 30 })
    .map((codes) => String.fromCharCode(...codes))
    .filter((text) => !/%[0-9A-Fa-f]{2}/.test(text) && !text.startsWith('ARRAY::'));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, byteText), { minLength: 1 }), (headers: EventHeader[]) => {
      const json = writeJsonEvent(headers);
      assert.deepEqual(readJsonEvent(json), headers);
      assert.deepEqual(readPlainEvent(writePlainEvent(headers)), headers);
    }),
  );
});
