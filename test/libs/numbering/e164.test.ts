import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type NumberingPlan, toE164 } from '../../../libs/numbering/e164.ts';

const BERLIN: NumberingPlan = { country: 'DE', areaCode: '30' };
const NEW_YORK: NumberingPlan = { country: 'US', areaCode: '212', internationalPrefix: '011' };
const ROME: NumberingPlan = { country: 'IT', areaCode: '06' };

const CASES: [written: string, plan: NumberingPlan, expected: string | undefined][] = [
  ['+4930 1234-567', BERLIN, '+49301234567'],
  ['030/1234567', BERLIN, '+49301234567'],
  ['1234567', BERLIN, '+49301234567'],
  ['089123456', BERLIN, '+4989123456'],
  ['00441632960000', BERLIN, '+441632960000'],
  ['49301234567', BERLIN, '+49301234567'],
  ['(212) 555-0100', NEW_YORK, '+12125550100'],
  ['12125550100', NEW_YORK, '+12125550100'],
  ['5550100', NEW_YORK, '+12125550100'],
  ['01149301234567', NEW_YORK, '+49301234567'],
  ['0612345678', ROME, '+390612345678'],
  ['12345678', ROME, '+390612345678'],
  ['49301234567', {}, '+49301234567'],
  ['112', BERLIN, undefined],
  ['1001', BERLIN, undefined],
  ['1001', {}, undefined],
  ['*97', BERLIN, undefined],
  ['alice', BERLIN, undefined],
  ['+', BERLIN, undefined],
  ['+1234567890123456', {}, undefined],
  ['', BERLIN, undefined],
];

for (const [written, plan, expected] of CASES) {
  test(`${written || 'nothing'} in ${plan.country ?? 'no country'} is ${expected ?? 'no number'}`, () => {
    assert.equal(toE164(written, plan), expected);
  });
}

test('a number in E.164 stays as it is in every plan', () => {
  const number = fc.stringMatching(/^\+[1-9][0-9]{6,14}$/);
  const plan = fc.constantFrom(BERLIN, NEW_YORK, ROME, {});
  fc.assert(fc.property(number, plan, (e164, anywhere) => toE164(e164, anywhere) === e164));
});

test('whatever is written, the answer is a number in E.164 or none', () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 50 }),
      fc.constantFrom(BERLIN, NEW_YORK, ROME, {}),
      (written, plan) => {
        const number = toE164(written, plan);
        assert.ok(number === undefined || /^\+[1-9][0-9]{2,14}$/.test(number), number);
      },
    ),
    { numRuns: 2_000 },
  );
});
