import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChannelEvent } from '../../../libs/records/channel-event.ts';
import type { Variables } from '../../../libs/records/variables.ts';
import { LiveSessions } from '../../../services/collector/live-sessions.ts';

function event(event_name: string, uuid: string, extra: Partial<ChannelEvent> = {}): ChannelEvent {
  return {
    v: 1,
    uuid,
    node: 'fs01',
    core_uuid: 'core',
    event_name,
    event_subclass: null,
    sequence: 1,
    at_us: 1,
    received_us: 1,
    headers: {},
    variables: {},
    ...extra,
  };
}

test('a channel counts from its CREATE to its HANGUP, and late events do not bring it back', () => {
  const sessions = new LiveSessions();
  assert.equal(sessions.apply(event('CHANNEL_CREATE', 'a')), true);
  assert.equal(sessions.apply(event('CHANNEL_ANSWER', 'a')), false);
  assert.equal(sessions.count, 1);
  assert.equal(sessions.apply(event('CHANNEL_HANGUP', 'a')), true);
  assert.equal(sessions.apply(event('CHANNEL_HANGUP_COMPLETE', 'a')), false);
  assert.equal(sessions.apply(event('CHANNEL_CREATE', 'a')), false);
  assert.equal(sessions.count, 0);
});

test('trunks count their channels: the mark of the proxy before the gateway, whenever it is learned', () => {
  const sessions = new LiveSessions();
  sessions.apply(event('CHANNEL_CREATE', 'a', { variables: { sip_gateway_name: 'gw' } }));
  sessions.apply(event('CHANNEL_CREATE', 'b'));
  const variables = { sip_gateway_name: 'gw', 'sip_rh_X-Switchfleet-Trunk': 'carrier' };
  assert.equal(sessions.apply(event('CHANNEL_ANSWER', 'b', { variables })), true);
  sessions.apply(event('CHANNEL_CREATE', 'c'));
  assert.deepEqual(sessions.byTrunk(), { gw: 1, carrier: 1 });
  sessions.apply(event('CHANNEL_HANGUP', 'a'));
  assert.deepEqual(sessions.byTrunk(), { carrier: 1 });
});

test('a call that came in by a gateway is a channel of its trunk, too', () => {
  const sessions = new LiveSessions();
  const variables = { sip_gateway: 'gw' };
  sessions.apply(event('CHANNEL_CREATE', 'a', { headers: { 'Call-Direction': 'inbound' }, variables }));
  assert.deepEqual(sessions.byTrunk(), { gw: 1 });
});

test('what FreeSWITCH copies to the other leg of a bridge is no channel of the trunk, and no caller of the room', () => {
  const sessions = new LiveSessions();
  const leg = (uuid: string, direction: string, variables: Variables) =>
    sessions.apply(event('CHANNEL_ANSWER', uuid, { headers: { 'Call-Direction': direction }, variables }));
  const invite = { 'sip_h_X-Switchfleet-Trunk': 'carrier', 'sip_h_X-Switchfleet-Pin': 'room' };
  leg('from-the-carrier', 'inbound', invite);
  leg('to-a-phone', 'outbound', invite);
  assert.deepEqual([sessions.byTrunk(), sessions.byPin()], [{ carrier: 1 }, { room: 1 }]);
  const reply = { 'sip_ph_X-Switchfleet-Trunk': 'other', 'sip_rh_X-Switchfleet-Trunk': 'other' };
  leg('from-a-phone', 'inbound', reply);
  leg('to-the-other', 'outbound', { ...invite, ...reply });
  assert.deepEqual(sessions.byTrunk(), { carrier: 1, other: 1 });
});

test('a trunk named __proto__ is a trunk', () => {
  const sessions = new LiveSessions();
  sessions.apply(event('CHANNEL_CREATE', 'a', { variables: { sip_gateway_name: '__proto__' } }));
  assert.deepEqual(Object.entries(sessions.byTrunk()), [['__proto__', 1]]);
});

test('a snapshot replaces the set, but a leg that ended is not live again by being listed late', () => {
  const sessions = new LiveSessions();
  for (const uuid of ['a', 'b', 'c']) sessions.apply(event('CHANNEL_CREATE', uuid));
  sessions.apply(event('CHANNEL_HANGUP', 'c'));
  assert.deepEqual(sessions.replace(['b', 'c', 'd']).unknown, ['d']);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].filter((uuid) => sessions.has(uuid)),
    ['b', 'd'],
  );
});

test('a channel that the node lists is asked about until something is heard of it: the question may get lost', () => {
  const sessions = new LiveSessions();
  assert.deepEqual(sessions.replace(['a', 'b']).unknown, ['a', 'b']);
  sessions.apply(event('CHANNEL_DATA', 'a'));
  assert.deepEqual(sessions.replace(['a', 'b']).unknown, ['b']);
  assert.deepEqual(sessions.replace(['a']), { unknown: [], gone: 1 });
  assert.equal(sessions.count, 1);
  sessions.missed('a');
  sessions.missed('b');
  assert.deepEqual(sessions.replace(['a']).unknown, ['a'], 'nobody was told of it');
});

test('a channel whose CREATE was lost counts from the next of its events', () => {
  const sessions = new LiveSessions();
  assert.equal(sessions.apply(event('CHANNEL_ANSWER', 'a')), true);
  assert.equal(sessions.apply(event('CUSTOM', 'room')), false);
  assert.equal(sessions.count, 1);
  assert.deepEqual(sessions.replace([]), { unknown: [], gone: 1 });
});

test('CHANNEL_UUID renames a channel', () => {
  const sessions = new LiveSessions();
  sessions.apply(event('CHANNEL_CREATE', 'old', { variables: { sip_gateway_name: 'gw' } }));
  sessions.apply(event('CHANNEL_UUID', 'new', { headers: { 'Old-Unique-ID': 'old' } }));
  assert.deepEqual([sessions.has('old'), sessions.has('new'), sessions.byTrunk()], [false, true, { gw: 1 }]);
});

test('a room is in use for as long as a channel that was sent to it lives', () => {
  const sessions = new LiveSessions();
  const variables = { 'sip_h_X-Switchfleet-Pin': 'conference:3000@a.example' };
  sessions.apply(event('CHANNEL_CREATE', 'a', { variables }));
  sessions.apply(event('CHANNEL_CREATE', 'b'));
  assert.equal(sessions.apply(event('CHANNEL_ANSWER', 'b', { variables })), true);
  assert.deepEqual(sessions.byPin(), { 'conference:3000@a.example': 2 });
  sessions.apply(event('CHANNEL_UUID', 'c', { headers: { 'Old-Unique-ID': 'a' } }));
  sessions.apply(event('CHANNEL_HANGUP', 'b'));
  assert.deepEqual(sessions.byPin(), { 'conference:3000@a.example': 1 });
  sessions.replace([]);
  assert.deepEqual(sessions.byPin(), {});
});
