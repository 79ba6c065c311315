import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_CONTEXT } from '../../../libs/calls/call-context.ts';
import { foldFleet } from '../../../libs/calls/fold-fleet.ts';
import type { ChannelEvent } from '../../../libs/records/channel-event.ts';
import type { Variables } from '../../../libs/records/variables.ts';

const AT = 1_795_000_000_000_000;
const OPTIONS = {
  correlationHeader: 'X-Call-Correlation-ID',
  trust: { isKnownPeer: () => false },
  context: NO_CONTEXT,
  nowUs: AT,
  nodeLostMs: 60_000,
};
const INVITE = { 'sip_h_X-Switchfleet-Trunk': 'carrier-in' };
const REPLY = { 'sip_rh_X-Switchfleet-Trunk': 'carrier-out' };

function answered(uuid: string, direction: 'inbound' | 'outbound', variables: Variables): ChannelEvent {
  return {
    ...{ v: 1, uuid, node: 'fs01', core_uuid: 'core', event_name: 'CHANNEL_ANSWER', event_subclass: null },
    ...{ sequence: 1, at_us: AT, received_us: AT, variables },
    headers: { 'Call-Direction': direction, 'Caller-Channel-Created-Time': String(AT) },
  };
}

/** A call of two legs, whose trunk and direction it says, and the trunk of each leg. */
function callOf(caller: Variables, called: Variables) {
  const events = [
    answered('caller-leg', 'inbound', caller),
    answered('second-leg', 'outbound', { originator: 'caller-leg', ...called }),
  ];
  const { legs, calls } = foldFleet({ events, cdrs: [], nodeEvents: [] }, OPTIONS);
  assert.equal(calls.length, 1);
  const [{ direction, trunk } = { direction: null, trunk: null }] = calls;
  return { direction, trunk, legs: legs.map((leg) => leg.trunk) };
}

// FreeSWITCH copies a caller's X- headers to the leg it calls, and the answer's to the leg that called.
test('a user’s call that a carrier answers is outbound, by that carrier', () => {
  const made = callOf({ sip_auth_username: '1001', ...REPLY }, REPLY);
  assert.deepEqual(made, { direction: 'outbound', trunk: 'carrier-out', legs: [null, 'carrier-out'] });
});

test('so is that of a user whom Kamailio let in: the node did not ask for a password', () => {
  const caller = { 'sip_h_X-Switchfleet-Source': 'user', sip_from_user: '1001' };
  const made = callOf({ ...caller, ...REPLY }, { ...caller, ...REPLY });
  assert.deepEqual(made, { direction: 'outbound', trunk: 'carrier-out', legs: [null, 'carrier-out'] });
  assert.equal(callOf(caller, { dialed_user: '1002', ...caller }).direction, 'internal');
});

test('so is that of a user whom the node let in for his address: it asked for no password', () => {
  const made = callOf({ user_name: '1001', ...REPLY }, { user_name: '1001', ...REPLY });
  assert.deepEqual(made, { direction: 'outbound', trunk: 'carrier-out', legs: [null, 'carrier-out'] });
  assert.equal(callOf({ user_name: '1001' }, { dialed_user: '1002' }).direction, 'internal');
});

test('a carrier’s call to a user is inbound, and the user’s leg is on no trunk', () => {
  const made = callOf(INVITE, { dialed_user: '1001', ...INVITE });
  assert.deepEqual(made, { direction: 'inbound', trunk: 'carrier-in', legs: ['carrier-in', null] });
});

test('a call of a carrier that a node is registered with says so by the gateway: no proxy marks it', () => {
  const made = callOf({ sip_gateway: 'carrier-in' }, { sip_gateway_name: 'carrier-out' });
  assert.deepEqual(made, { direction: 'inbound', trunk: 'carrier-in', legs: ['carrier-in', 'carrier-out'] });
});

test('a carrier’s call that goes on to another carrier has a leg on each', () => {
  const made = callOf({ ...INVITE, ...REPLY }, { ...INVITE, ...REPLY });
  assert.deepEqual(made, {
    ...{ direction: 'inbound', trunk: 'carrier-in' },
    legs: ['carrier-in', 'carrier-out'],
  });
});
