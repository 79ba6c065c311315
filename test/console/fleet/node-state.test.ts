import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FleetNode } from '../../../console/api/shapes.ts';
import { worstFirst } from '../../../console/fleet/node-state.ts';

test('what is wrong stands first', () => {
  const node = (switchname: string, state: FleetNode['state'], configured: FleetNode['configured_state']) =>
    ({ switchname, state, configured_state: configured }) as FleetNode;
  const nodes = [
    node('fs04', null, 'active'),
    node('fs03', 'live', 'active'),
    node('fs02', 'live', 'draining'),
    node('fs05', 'down', 'active'),
    node('fs01', 'stale', 'active'),
    node('fs00', 'live', 'active'),
  ];
  const order = nodes.toSorted(worstFirst).map(({ switchname }) => switchname);
  assert.deepEqual(order, ['fs05', 'fs01', 'fs02', 'fs00', 'fs03', 'fs04']);
});
