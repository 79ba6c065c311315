import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FacetRow, tallyFacets } from '../../../../libs/store/search/facet-tally.ts';

const call = (more: Partial<FacetRow>): FacetRow => ({
  ...{ disposition: 'answered', direction: 'inbound', nodes: ['fs01'], trunk: null, tenant: null },
  ...{ domain: null, hangup_cause: 'NORMAL_CLEARING', answered_by: null },
  ...more,
});

test('a call counts once with each of its nodes; nothing is no value; the most frequent come first', () => {
  const rows = [
    call({ nodes: ['fs01', 'fs02', 'fs01'] }),
    call({ disposition: 'busy', trunk: 'acme' }),
    call({ disposition: 'busy', nodes: [] }),
  ];
  assert.deepEqual(
    tallyFacets(rows).map(({ facet, value, calls }) => `${facet} ${value} ${calls}`),
    [
      'disposition busy 2',
      'disposition answered 1',
      'direction inbound 3',
      'node fs01 2',
      'node fs02 1',
      'trunk acme 1',
      'hangup_cause NORMAL_CLEARING 3',
    ],
  );
});

test('of many values the twelve most frequent are told, equals by name', () => {
  const rows = Array.from({ length: 40 }, (_, index) => call({ trunk: `t${index % 20}` }));
  const trunks = tallyFacets([...rows, call({ trunk: 't9' })]).filter(({ facet }) => facet === 'trunk');
  assert.equal(trunks.length, 12);
  assert.deepEqual(
    trunks.slice(0, 3).map(({ value, calls }) => [value, calls]),
    [
      ['t9', 3],
      ['t0', 2],
      ['t1', 2],
    ],
  );
});
