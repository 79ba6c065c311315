import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NOT_FOUND } from '../../../libs/routing/answer.ts';
import { decideDid } from '../../../libs/routing/decide-did.ts';
import fc from '../../support/properties.ts';
import { stateOf } from '../../support/routing/lab-fleet.ts';

const DOMAINS = [
  { domain: 'a.example', tenant: 'one' },
  { domain: 'b.example', tenant: 'two' },
  { domain: 'a2.example', tenant: 'one' },
];

function didOf(
  dids: Record<string, unknown>[],
  question: { number: string; domain?: string; tenants?: ReadonlySet<string> },
) {
  const state = stateOf({ domains: DOMAINS, did_routing: dids });
  return decideDid(state, { domain: undefined, ...question });
}

test('a DID leads to its destination, however the caller writes the number', () => {
  const dids = [{ domain: 'a.example', key: '+49301234567', destination: '1001' }];
  for (const number of ['+49301234567', '49301234567', '0049301234567', '+49 30 1234567']) {
    const answer = didOf(dids, { number });
    assert.equal(answer.result === 'route' && answer.destination, '1001', number);
  }
  const national = didOf(dids, { number: '0301234567', domain: 'a.example' });
  assert.equal(national.result, 'route');
});

test('a number that nobody has is rejected with 404', () => {
  assert.deepEqual(didOf([], { number: '+49301234567' }), NOT_FOUND);
  assert.deepEqual(didOf([], { number: 'alice' }), NOT_FOUND);
});

test('another tenant’s number looks exactly like one that nobody has', () => {
  const dids = [{ domain: 'a.example', key: '+49301234567' }];
  assert.deepEqual(didOf(dids, { number: '+49301234567', domain: 'b.example' }), NOT_FOUND);
  assert.deepEqual(didOf(dids, { number: '+49301234567', tenants: new Set(['two']) }), NOT_FOUND);
  assert.equal(didOf(dids, { number: '+49301234567', domain: 'a2.example' }).result, 'route');
});

test('the highest priority that counts just now wins', () => {
  const key = '+49301234567';
  const dids = [
    { domain: 'a.example', key, destination: 'night', priority: 1 },
    { domain: 'a.example', key, destination: 'off', priority: 9, active: false },
    {
      domain: 'a.example',
      key,
      destination: 'closed',
      priority: 5,
      time_zone: 'Europe/Berlin',
      windows: [{ days: ['sat', 'sun'] }],
    },
    {
      domain: 'a.example',
      key,
      destination: 'day',
      priority: 3,
      time_zone: 'Europe/Berlin',
      windows: [{ days: ['mon'], from: '13:00', to: '14:00' }],
    },
  ];
  const answer = didOf(dids, { number: key });
  assert.equal(answer.result === 'route' && answer.destination, 'day');
});

test('a disabled domain answers like nobody', () => {
  const state = stateOf({
    domains: [{ domain: 'a.example', enabled: false }],
    did_routing: [{ domain: 'a.example', key: '+49301234567' }],
  });
  assert.deepEqual(decideDid(state, { number: '+49301234567', domain: undefined }), NOT_FOUND);
});

test('rows of one DID keep their order whatever order they come in', () => {
  const priorities = fc.uniqueArray(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(priorities, (list) => {
      const dids = list.map((priority) => ({
        domain: 'a.example',
        key: '+49301234567',
        destination: `p${priority}`,
        priority,
      }));
      const answer = didOf(dids, { number: '+49301234567' });
      return answer.result === 'route' && answer.priority === Math.max(...list);
    }),
  );
});
