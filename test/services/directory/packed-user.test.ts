import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserRow } from '../../../libs/snapshot/tables/users.ts';
import { packUser, unpackUser } from '../../../services/directory/model/packed-user.ts';
import { userRow } from '../../support/directory/lab-model.ts';
import fc from '../../support/properties.ts';

/** Texts with what stands between packed values, too. */
const text = fc.string({ unit: fc.constantFrom('a', 'é', '日', '"', '[', '\u001e', '\u001f', '\n', '') });
const optional = fc.option(text);
const pairs = fc.option(fc.dictionary(fc.constantFrom('timezone', 'x'), text));

const rows: fc.Arbitrary<UserRow> = fc
  .record({
    user_id: text,
    number_alias: optional,
    ha1: text,
    caller_id_name: optional,
    caller_id_number: optional,
    accountcode: optional,
    context: optional,
    toll_allow: optional,
    vm_a1_hash: optional,
    vm_mailto: optional,
    enabled: fc.boolean(),
    max_registrations: fc.option(fc.nat()),
    allowed_cidrs: fc.option(fc.array(text)),
    vm_enabled: fc.boolean(),
    esl_allowed_events: text,
    params: pairs,
    variables: pairs,
    vm_settings: pairs,
  })
  .map((values) => ({ ...userRow('1001', 'lab.test'), ...values }));

test('a user is read back as it was, whatever its texts hold', () => {
  fc.assert(
    fc.property(rows, (row) => {
      assert.deepEqual(unpackUser(packUser(row), row.domain, row.key), plain(row));
    }),
    { numRuns: 1_000 },
  );
});

/** Without the prototypes that generated maps have. */
function plain(row: UserRow): UserRow {
  return JSON.parse(JSON.stringify(row));
}
