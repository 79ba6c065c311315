import assert from 'node:assert/strict';
import { test } from 'node:test';
import { placeOf, sipUriOf } from '../../../libs/provisioning/seen-address.ts';

test('where a server was seen is where its event socket may be', () => {
  assert.deepEqual(placeOf('127.0.0.1:40001'), { host: '127.0.0.1', port: 40_001 });
  assert.deepEqual(placeOf('fs07.example.com:8022'), { host: 'fs07.example.com', port: 8_022 });
  for (const host of ['192.0.2.7', '2001:db8::7', 'fs07.example.com'])
    assert.deepEqual(placeOf(host), { host, port: 8_021 });
  assert.deepEqual(placeOf('[2001:db8::7]:8022'), { host: '2001:db8::7', port: 8_022 });
  assert.equal(placeOf(null), undefined);
  assert.equal(placeOf(''), undefined);
});

test('its calls go to the same host', () => {
  assert.equal(sipUriOf('192.0.2.7'), 'sip:192.0.2.7:5060');
  assert.equal(sipUriOf('2001:db8::7'), 'sip:[2001:db8::7]:5060');
});
