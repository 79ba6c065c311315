import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvLine, csvText } from '../../../libs/csv/cell.ts';

test('what a spreadsheet would calculate becomes text; numbers stay numbers', () => {
  for (const [value, cell] of [
    ['=1+1', `'=1+1`],
    [`=HYPERLINK("http://x","y")`, `"'=HYPERLINK(""http://x"",""y"")"`],
    ['+cmd|calc', `'+cmd|calc`],
    ['-2+3', `'-2+3`],
    ['@SUM(A1)', `'@SUM(A1)`],
    [' =1', `' =1`],
    ['\t=1', `'\t=1`],
    ['\uff1d1', `'\uff1d1`],
    ['+493012345', '+493012345'],
    ['-5', '-5'],
    ['+49 30', `'+49 30`],
    ['1001', '1001'],
    ['a@b', 'a@b'],
    ['Müller, Anna', '"Müller, Anna"'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['', ''],
    [null, ''],
  ] as const) {
    assert.equal(csvText(value), cell, String(value));
  }
  assert.equal(csvLine(['a', '', 'c']), 'a,,c\r\n');
});
