import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toCsv } from '../../../console/parts/csv.ts';

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
