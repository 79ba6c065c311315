import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CORRELATION, factsOf } from '../../../libs/calls/facts.ts';
import { LEG_FACTS, PARTNER_VARIABLES } from '../../../libs/calls/kept-names.ts';
import { isFoldedVariable, isLegVariable } from '../../../libs/freeswitch/leg-variables.ts';

test('every variable that a fold reads travels with events and with CDRs', () => {
  for (const name of [...LEG_FACTS, ...PARTNER_VARIABLES]) {
    assert.ok(isFoldedVariable(name), `${name} is not in the record of a CDR`);
    assert.ok(isLegVariable(name), `${name} is not in the record of an event`);
  }
});

test('so do the headers that Kamailio tells our nodes, as SIP spells them', () => {
  const correlationHeader = 'X-Call-Correlation-ID';
  const headers = [
    `sip_h_${correlationHeader}`,
    'sip_h_X-Switchfleet-Source',
    'sip_h_X-Switchfleet-Trunk',
    'sip_ph_X-Switchfleet-Trunk',
    'sip_rh_X-Switchfleet-Trunk',
  ];
  const all = Object.fromEntries([...headers, 'sip_h_Other'].map((name) => [name, 'text']));
  const facts = factsOf(all, { correlationHeader });
  const lower = headers.slice(1).map((name) => name.toLowerCase());
  assert.deepEqual(Object.keys(facts), [CORRELATION, ...lower]);
  for (const name of headers) assert.ok(isFoldedVariable(name), `${name} is not in the record of a CDR`);
});
