import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render, sql } from '../../../../libs/store/fragment.ts';
import { numberConditions, readNumbers } from '../../../../libs/store/search/number-term.ts';

test('numbers are read as people write them', () => {
  assert.deepEqual(readNumbers('+49 (30) 123-45'), [{ kind: 'exact', text: '+493012345' }]);
  assert.deepEqual(readNumbers(' 4930*'), [{ kind: 'prefix', text: '+4930' }], 'a + that no one encoded');
  assert.deepEqual(readNumbers('*123,1001, 812busy'), [
    { kind: 'suffix', text: '123' },
    { kind: 'exact', text: '1001' },
    { kind: 'exact', text: '812busy' },
  ]);
  assert.deepEqual(
    readNumbers('1001, 1002').map(({ text }) => text),
    ['1001', '1002', '+1002'],
    'a space after a comma is a space, or a +',
  );
  assert.deepEqual(readNumbers('anna-lena'), [{ kind: 'exact', text: 'anna-lena' }]);
  for (const bad of ['', ',', '*1*', Array(21).fill('1').join(',')]) {
    assert.throws(() => readNumbers(bad), { code: 'number-invalid' }, bad);
  }
});

test('what a person types is a value, and no pattern either', () => {
  const terms = readNumbers(`50%*,*a_b\\,' or 1=1`);
  const rendered = numberConditions(sql`c.caller`, terms).map(render);
  assert.deepEqual(rendered, [
    { text: 'c.caller like $1', values: ['50\\%%'] },
    { text: 'reverse(c.caller) like $1', values: ['\\\\b\\_a%'] },
    { text: 'c.caller = $1', values: [`' or 1=1`] },
  ]);
});

test('fragments keep the order of their values', () => {
  const inner = sql`b = ${2} and c = ${3}`;
  assert.deepEqual(render(sql`a = ${1} and (${inner}) and d = ${4}`), {
    text: 'a = $1 and (b = $2 and c = $3) and d = $4',
    values: [1, 2, 3, 4],
  });
});
