import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeValue, MAX_FIELDS, parseLookupForm } from '../../../../libs/freeswitch/xml/form.ts';
import fc from '../../../support/properties.ts';

function fieldOf(body: string, name: string): string | undefined {
  return parseLookupForm(body)?.get(name);
}

test('the first occurrence of a field wins', () => {
  assert.equal(fieldOf('user=1001&user=1000', 'user'), '1001');
  assert.deepEqual(parseLookupForm('user=1001&user=1000')?.all('user'), ['1001', '1000']);
});

test('the base fields are taken as they stand, the others are decoded', () => {
  assert.equal(fieldOf('key_value=lab%2Etest', 'key_value'), 'lab%2Etest');
  assert.equal(fieldOf('domain=lab%2Etest', 'domain'), 'lab.test');
  assert.equal(fieldOf('name=a+b%20c', 'name'), 'a+b c');
});

test('a stray percent sign stands for itself', () => {
  for (const [raw, value] of [
    ['%', '%'],
    ['100%', '100%'],
    ['%4', '%4'],
    ['%zz%41', '%zzA'],
    ['%%41', '%A'],
    ['%c3%a9', 'é'],
    ['%ff', '\ufffd'],
  ] as const) {
    assert.equal(decodeValue(raw), value, raw);
  }
});

test('what encodeURIComponent wrote is read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      assert.equal(decodeValue(encodeURIComponent(value)), value);
    }),
  );
});

test('no body makes it throw', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('%', '&', '=', 'a', '4', '\u0000', 'é', '+') }), (body) => {
      const form = parseLookupForm(body);
      for (const [name] of form?.fields ?? []) assert.equal(typeof form?.get(name), 'string');
    }),
  );
});

test('more fields than a channel can have are refused', () => {
  assert.equal(parseLookupForm('a=b&'.repeat(MAX_FIELDS + 1)), undefined);
  assert.equal(parseLookupForm('a=b&'.repeat(MAX_FIELDS))?.fields.length, MAX_FIELDS);
});

test('a form reads like a split of its body', () => {
  const name = fc.constantFrom('user', 'user2', 'use', 'key', 'domain', '');
  const raw = fc.string({ unit: fc.constantFrom('a', '=', '%', '4', '1', '+') });
  const field = fc.oneof(
    fc.tuple(name, raw).map(([key, value]) => `${key}=${value}`),
    name,
  );
  fc.assert(
    fc.property(fc.array(field), fc.boolean(), (fields, isTerminated) => {
      const body = fields.join('&') + (isTerminated ? '&' : '');
      const form = parseLookupForm(body);
      const parts = body.split('&').map((part) => {
        const equals = part.indexOf('=');
        return equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
      });
      if (parts.at(-1)?.join('') === '' && !body.endsWith('=')) parts.pop();
      assert.deepEqual(form?.fields, parts);
      for (const wanted of ['user', 'key', 'domain', 'none']) {
        const values = parts.filter(([key]) => key === wanted).map(([, value = '']) => decodeValue(value));
        assert.deepEqual(form?.all(wanted), values);
        assert.equal(form?.get(wanted), values[0]);
        assert.equal(form?.isAmbiguous(wanted), new Set(values).size > 1);
        for (const place of form?.placesOf(wanted) ?? []) assert.equal(parts[place]?.[0], wanted);
        assert.equal(form?.at(parts.length, wanted), undefined);
      }
    }),
    { numRuns: 2_000 },
  );
});
