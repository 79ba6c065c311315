import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEG_FACTS, PARTNER_VARIABLES } from '../../../libs/calls/kept-names.ts';
import { isFoldedVariable, isLegVariable } from '../../../libs/freeswitch/leg-variables.ts';

test('every variable that a fold reads travels with events and with CDRs', () => {
  for (const name of [...LEG_FACTS, ...PARTNER_VARIABLES]) {
    assert.ok(isFoldedVariable(name), `${name} is not in the record of a CDR`);
    assert.ok(isLegVariable(name), `${name} is not in the record of an event`);
  }
});
