import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partnersInHeaders, partnersInVariables } from '../../../libs/calls/partners.ts';

test('legs are named by uuids, and by the Call-IDs of callers where FreeSWITCH takes those for uuids', () => {
  const callId = '0gQAAC8W/AACBAAALxYAAH+3SRg=@10.0.0.1';
  const headers = { 'Other-Leg-Unique-ID': callId, 'Bridged-To': 'own-uuid' };
  assert.deepEqual([...partnersInHeaders('own-uuid', headers)], [callId]);
  const variables = { originated_legs: [`${callId};Bob;1002`], bridge_uuid: 'no uuid', signal_bond: 'short' };
  assert.deepEqual([...partnersInVariables('own-uuid', variables)], [callId]);
});
