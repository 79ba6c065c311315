import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { RawEvent } from '../../../libs/freeswitch/event/channel-event.ts';
import { fromRegistrationRow, toRegistrationEvent } from '../../../services/collector/registrations.ts';

const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures/esl/registrations.json', import.meta.url), 'utf8'),
) as RawEvent[];

test('a recorded register says who can be reached where, and until when', () => {
  const [register] = recorded;
  assert.ok(register);
  assert.deepEqual(toRegistrationEvent(register, 'fs01'), {
    v: 1,
    kind: 'register',
    node: 'fs01',
    core_uuid: '87732877-38bf-4de9-a783-15c6294111b0',
    at_us: 1795207867557048,
    user: '1001',
    domain: 'lab.test',
    contact: 'sip:1001@127.7.0.31:5060',
    call_id: '1-10238@127.7.0.31',
    profile: 'internal',
    network_ip: '127.7.0.31',
    network_port: 5060,
    user_agent: 'sipp-phone/1.0',
    expires_us: 1795207867557048 + 3_600_000_000,
  });
});

test('the recorded unregister has no expiry', () => {
  const last = toRegistrationEvent(recorded.at(-1) ?? {}, 'fs01');
  assert.deepEqual([last?.kind, last?.user, last?.expires_us], ['unregister', '1001', null]);
});

test('Contact: * names no contact: whatever has its Call-ID ends (sofia_reg.c prints the parts that it lacks)', () => {
  const any: RawEvent = { ...recorded.at(-1), contact: '"" <sip:(null)@(null)>' };
  const last = toRegistrationEvent(any, 'fs01');
  assert.deepEqual([last?.kind, last?.contact, last?.call_id], ['unregister', null, any['call-id']]);
});

test('expire names its user by user and host', () => {
  const event = {
    'Event-Subclass': 'sofia::expire',
    'Event-Date-Timestamp': '1795207867557048',
    user: '1001',
    host: 'Lab.test',
    contact: 'sip:1001@127.7.0.31:5060',
  };
  const expired = toRegistrationEvent(event, 'fs01');
  assert.deepEqual([expired?.kind, expired?.user, expired?.domain], ['expire', '1001', 'lab.test']);
});

test('a row of show registrations (recorded) is the same registration as its event', () => {
  const row = {
    reg_user: '1001',
    realm: 'lab.test',
    token: '1-10238@127.7.0.31',
    url: 'sofia/internal/sip:1001@127.7.0.31:5060',
    expires: '1795211527',
    network_ip: '127.7.0.31',
    network_port: '5060',
    network_proto: 'udp',
    hostname: 'fs01',
    metadata: '',
  };
  const registration = fromRegistrationRow(row, { node: 'fs01', coreUuid: 'core', atUs: 1 });
  const event = toRegistrationEvent(recorded[0] ?? {}, 'fs01');
  const same = ['user', 'domain', 'contact', 'call_id', 'profile', 'network_ip', 'network_port'] as const;
  for (const field of same) assert.equal(registration?.[field], event?.[field], field);
  assert.equal(registration?.expires_us, 1_795_211_527_000_000);
});

test('when a registration expires is said in our clock, whatever that of its node', () => {
  const [register = {}] = recorded;
  const at = Number(register['Event-Date-Timestamp']);
  const behind = -600_000_000;
  const event = toRegistrationEvent(register, 'fs01', behind);
  assert.deepEqual([event?.at_us, event?.expires_us], [at, at - behind + 3_600_000_000]);
  const row = { reg_user: '1001', realm: 'lab.test', url: 'sofia/internal/sip:a', expires: '1795211527' };
  const listed = fromRegistrationRow(row, { node: 'fs01', coreUuid: 'core', atUs: 1, offsetUs: behind });
  assert.equal(listed?.expires_us, 1_795_211_527_000_000 - behind);
});

test('other events, and registrations of nobody, are none', () => {
  assert.equal(
    toRegistrationEvent({ 'Event-Name': 'HEARTBEAT', 'Event-Date-Timestamp': '1' }, 'fs01'),
    undefined,
  );
  assert.equal(
    toRegistrationEvent({ 'Event-Subclass': 'sofia::register', 'Event-Date-Timestamp': '1' }, 'fs01'),
    undefined,
  );
});
