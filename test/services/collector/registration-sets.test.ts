import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toRegistrationSets } from '../../../services/collector/registration-sets.ts';
import { fromRegistrationRow } from '../../../services/collector/registrations.ts';
import fc from '../../support/properties.ts';

const SOURCE = { node: 'fs01', coreUuid: 'core', atUs: 1_000_000 };

function registrationOf(user: string, contact = `sip:${user}@10.0.0.1`) {
  const row = { reg_user: user, realm: 'Lab.Test', url: `sofia/internal/${contact}`, expires: '2' };
  return fromRegistrationRow(row, SOURCE) ?? assert.fail();
}

test('a node without registrations has one empty set over everything', () => {
  const [set, ...others] = toRegistrationSets([], SOURCE);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [set?.kind, set?.after, set?.through, set?.registrations, set?.at_us],
    ['resync', null, null, [], 1_000_000],
  );
});

test('a long list becomes parts that meet without a gap, the contacts of one user together', () => {
  const users = ['1003', '1001', '1002', '1002', '1004'];
  const events = users.map((user, i) => registrationOf(user, `sip:${user}@10.0.0.${i}`));
  const sets = toRegistrationSets(events, SOURCE, { entries: 1, characters: 1e6 });
  assert.deepEqual(
    sets.map(({ after, through, registrations }) => [after, through, registrations.length]),
    [
      [null, '1001@lab.test', 1],
      ['1001@lab.test', '1002@lab.test', 2],
      ['1002@lab.test', '1003@lab.test', 1],
      ['1003@lab.test', null, 1],
    ],
  );
});

test('whatever the names, every entry lies in the range of its part and in no other, by bytes', () => {
  const compare = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 4 })), (users) => {
      const events = users.map((user) => registrationOf(`u${user}`));
      const sets = toRegistrationSets(events, SOURCE, { entries: 2, characters: 1e6 });
      for (const event of events) {
        const key = `${event.user}@${event.domain}`.toLowerCase();
        const covering = sets.filter(
          ({ after, through }) =>
            (after === null || compare(key, after) > 0) && (through === null || compare(key, through) <= 0),
        );
        assert.equal(covering.length, 1);
        assert.ok(covering[0]?.registrations.some(({ user }) => user === event.user));
      }
    }),
  );
});
