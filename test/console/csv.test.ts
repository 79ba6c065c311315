import assert from 'node:assert/strict';
import { test } from 'node:test';
import { homerAddress } from '../../console/call/homer.ts';
import { hasWord, toggleWord } from '../../console/calls/facet-words.ts';
import { toCsv } from '../../console/parts/csv.ts';
import { changesOf, differencesOf } from '../../console/routing/kind.ts';

test('a text that a spreadsheet would run is a text; a number is a number', () => {
  const rows = [
    ['=HYPERLINK("x")', -5],
    ['+4930', null],
    ['a, "b"', 1.5],
    ['  @SUM(A1)', '\uFF1D1+1'],
  ] as const;
  const lines = [`"'=HYPERLINK(""x"")",-5`, '+4930,', '"a, ""b""",1.5', "'  @SUM(A1),'\uFF1D1+1"];
  assert.equal(toCsv(rows), lines.map((line) => `${line}\r\n`).join(''));
});

test('a word is added to a search once, and taken away again', () => {
  assert.equal(toggleWord('8122000', 'failed'), '8122000 failed');
  assert.equal(toggleWord('8122000 FAILED', 'failed'), '8122000');
  const quoted = 'trunk:"a b"';
  assert.ok(hasWord(`x ${quoted}`, quoted));
  assert.equal(toggleWord(`x ${quoted} y`, quoted), 'x y');
});

test('a link to Homer holds the Call-ID as a value, and is none of another protocol', () => {
  const about = { call: { start_us: 100_000_000_000, end_us: 101_000_000_000 }, callId: 'a&b=$&@x' };
  const template = 'https://homer.test/?id={call_id}&from={from_ms}&to={to_ms}';
  assert.equal(
    homerAddress(template, about),
    'https://homer.test/?id=a%26b%3D%24%26%40x&from=99940000&to=101060000',
  );
  assert.equal(homerAddress('javascript:alert(1)//{call_id}', about), undefined);
  assert.equal(homerAddress(null, about), undefined);
});

test('only what differs is changed and shown', () => {
  const before = { did: '+1', active: true, destination: '1001', fail_forward: null };
  const after = { did: '+1', active: false, destination: '1001', fail_forward: null };
  assert.deepEqual(changesOf(before, after), { active: false });
  assert.deepEqual(differencesOf(before, after), [{ field: 'active', from: 'yes', to: 'no' }]);
  assert.equal(differencesOf(undefined, after).length, 3);
});
