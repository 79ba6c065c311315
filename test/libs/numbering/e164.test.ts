import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWholeNumber, type NumberingPlan, toE164 } from '../../../libs/numbering/e164.ts';
import fc from '../../support/properties.ts';

const LONDON: NumberingPlan = { country: 'GB', areaCode: '020', internationalPrefix: '00' };
const NEW_YORK: NumberingPlan = { country: 'US', areaCode: '212', internationalPrefix: '011' };

const CASES: readonly (readonly [string, NumberingPlan, string | undefined])[] = [
  ['+442071838750', {}, '+442071838750'],
  ['+44 (20) 7183-8750', {}, '+442071838750'],
  ['442071838750', {}, '+442071838750'],
  ['00442071838750', {}, '+442071838750'],
  ['+15550100', {}, '+15550100'],
  ['02071838750', LONDON, '+442071838750'],
  ['71838750', LONDON, '+442071838750'],
  ['0014155552671', LONDON, '+14155552671'],
  ['442071838750', LONDON, '+442071838750'],
  ['+14155552671', LONDON, '+14155552671'],
  ['2125550123', NEW_YORK, '+12125550123'],
  ['12125550123', NEW_YORK, '+12125550123'],
  ['011442071838750', NEW_YORK, '+442071838750'],
  ['1001', LONDON, undefined],
  ['02071838750', {}, undefined],
  ['', {}, undefined],
  ['+', {}, undefined],
  ['+0123456', {}, undefined],
  ['+1234567890123456', {}, undefined],
  ['anonymous', LONDON, undefined],
  ['+44207183875O', {}, undefined],
  ['+44 (0)20 7183 8750', {}, '+442071838750'],
  ['+4402071838750', LONDON, '+4402071838750'],
  ['0044 (0) 20 7183-8750', LONDON, '+442071838750'],
  ['011 49 (0)30 18305-0', NEW_YORK, '+4930183050'],
  ['+353 (0)1 679 0000', {}, '+35316790000'],
  ['+39 06 69812345', {}, '+390669812345'],
  ['+39 (0)6 69812345', {}, '+390669812345'],
  ['+225 07 07 12 34 56', {}, '+2250707123456'],
  ['+49 (0)1', {}, '+4901'],
];

for (const [number, plan, expected] of CASES) {
  test(`${JSON.stringify(number)} in ${plan.country ?? 'no country'} is ${expected ?? 'no number'}`, () => {
    assert.equal(toE164(number, plan), expected);
  });
}

test('what numbers begin with is no number; short numbers that answer from abroad are', () => {
  for (const number of ['+442', '+4420', '+112']) assert.equal(isWholeNumber(number), false, number);
  for (const number of ['+49115', '+6834000', '+442071838750']) assert.ok(isWholeNumber(number), number);
});

test('whatever is dialled, the result is E.164 or nothing, and E.164 stays as it is', () => {
  const dialled = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(...'+0123456789 ()-') }),
  );
  fc.assert(
    fc.property(dialled, fc.constantFrom({}, LONDON, NEW_YORK), (number, plan) => {
      const result = toE164(number, plan);
      if (result === undefined) return;
      assert.match(result, /^\+[1-9]\d{2,14}$/);
      assert.equal(toE164(result, plan), result);
    }),
  );
});
