import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readQuery } from '../../../console/calls/query.ts';
import { momentsOf, readSpan } from '../../../console/calls/span.ts';
import fc from '../../support/properties.ts';

const asked = (text: string) => readQuery(text).params.toString();

test('one box understands every clue', () => {
  const cases: [string, string][] = [
    ['+4930123', 'number=%2B4930123'],
    ['030/123-45 4930*\n*0123, 911', 'number=030%2F123-45%2C4930*%2C*0123%2C911'],
    ['1001@acme.example', 'number=1001&domain=acme.example'],
    ['sip:1001@acme.example', 'number=1001&domain=acme.example'],
    ['1-10156@127.7.0.21', 'sip_call_id=1-10156%40127.7.0.21'],
    [
      'e5d1faf9-5fc6-1240-c1ad-0a0cc02fb656@fs01.lab',
      'sip_call_id=e5d1faf9-5fc6-1240-c1ad-0a0cc02fb656%40fs01.lab',
    ],
    ['65EFF4CE-dfd5-404f-8f5d-8505d74528f4', 'leg=65eff4ce-dfd5-404f-8f5d-8505d74528f4'],
    ['failed busy failed', 'disposition=failed&disposition=busy'],
    ['trunk:acme node:fs01', 'trunk=acme&node=fs01'],
    ['trunk:"acme gmbh"', 'trunk=acme+gmbh'],
    ['>60s <5m', 'min_billsec=60&max_billsec=300'],
    ['low-mos one-way', 'quality=low-mos&quality=one-way'],
    ['cause:user_busy NO_ANSWER', 'hangup_cause=USER_BUSY&hangup_cause=NO_ANSWER'],
    ['from:100 from:101 to:200', 'caller=100%2C101&callee=200'],
    ['live inbound', 'state=live&direction=inbound'],
    ['alice', 'number=alice'],
    ['', ''],
  ];
  for (const [text, params] of cases) assert.equal(asked(text), params, text);
});

test('what is not understood is told, never searched as something else', () => {
  assert.deepEqual(readQuery('trunk: colour:red <img/onerror> constructor:x').unread, [
    'trunk:',
    'colour:red',
    '<img/onerror>',
    'constructor:x',
  ]);
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (text) => {
      const { params, unread } = readQuery(text);
      assert.ok(params.size > 0 || unread.length > 0 || /^[\s,;"]*$/.test(text));
    }),
  );
});

test('a link has absolute times', () => {
  const nowUs = Date.UTC(2026, 10, 20, 20) * 1_000;
  const moments = momentsOf(readSpan(new URLSearchParams('last=1h')), nowUs);
  assert.deepEqual(moments, { from: '2026-11-20T19:00:00.000000Z', to: '2026-11-20T20:00:00.000000Z' });
  assert.deepEqual(momentsOf(readSpan(new URLSearchParams(moments)), 0), moments);
  assert.deepEqual(momentsOf(readSpan(new URLSearchParams('')), nowUs), {});
  assert.deepEqual(momentsOf(readSpan(new URLSearchParams('last=toString&from=yesterday')), nowUs), {});
});
