import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { bigintArray, textArray } from '../../../libs/postgres/binary-array.ts';
import { columnArrays } from '../../../libs/postgres/columns.ts';
import { applyWithoutPoison } from '../../../libs/postgres/poison.ts';
import { jsonOf } from '../../../libs/postgres/unwritable-value.ts';

const deep = () => JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;

async function outcome(items: readonly number[], fail: (item: number) => unknown) {
  const stored: number[] = [];
  const aside: number[] = [];
  const apply = async (part: readonly number[]) => {
    for (const item of part) fail(item);
    stored.push(...part);
  };
  await applyWithoutPoison(items, apply, async (item) => void aside.push(item));
  return { stored, aside };
}

test('what cannot be written for PostgreSQL has a code of its own, whatever is wrong with it', () => {
  const unwritable = { code: 'value-unwritable' };
  for (const number of [1e300, 2 ** 63, -(2 ** 64), Number.NaN, 0.5])
    assert.throws(() => bigintArray([1, number]), unwritable, String(number));
  assert.throws(() => textArray([5 as unknown as string]), unwritable);
  assert.throws(() => jsonOf(deep()), unwritable);
  assert.throws(() => columnArrays({ said: 'json' }, [{ said: deep() }]), unwritable);
});

test('only the record that cannot be written is set aside', async () => {
  const poisons = [() => bigintArray([1e300]), () => jsonOf(deep())];
  for (const poison of poisons) {
    const told = await outcome([1, 2, 3, 4, 5], (item) => item === 4 && poison());
    assert.deepEqual(told, { stored: [1, 2, 3, 5], aside: [4] });
  }
});

test('an error of ours, and a database or bus that is away, fail the batch', async () => {
  const faults = [
    new TypeError('undefined is not a function'),
    new RangeError('Maximum call stack size exceeded'),
    Object.assign(new Error('no table'), { code: '42P01' }),
    Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
    new CodedError('bus-unavailable', 'as a bus says'),
  ];
  for (const fault of faults) {
    const failing = outcome([1, 2], () => {
      throw fault;
    });
    await assert.rejects(failing, fault);
  }
});
